import Check
import Configuration
import Model
import Testing

/// Queries that stand in texts.
struct QueryDocumentTests {
    func check(_ text: String, as path: String = "a.md") -> [String] {
        Checker.checkQueries([path], files: .memory([path: text])).map {
            "\($0.place.line):\($0.place.column) \($0.check)"
        }
    }

    @Test func plainQueriesOneALine() {
        let text = """
            # a comment
            up ==

              nosuch(x)
            sum(
              rate(m{a="b"}[5m]) / rate(m[5m])
            )
            up # and
            x
            """
        // An empty line ends what is unfinished, so that one mistake does not swallow the rest.
        #expect(
            check(text, as: "q.promql") == [
                "2:6 rule/syntax", "4:3 rule/syntax", "6:3 rule/self-ratio",
            ])
    }

    @Test func onlyFencedBlocksOfTheirLanguageAreRead() {
        let text = """
            up ==
            ```bash
            nosuch(
            ```
            ```promql
            nosuch(x)
            ```
              ~~~ promql
              rate(m{a="b"}[5m]) /
              rate(m[5m])
              ~~~
            ```promql
            up
            """
        #expect(check(text) == ["6:1 rule/syntax", "9:3 rule/self-ratio"])
    }

    @Test func rulesAndConfigurationOfADocument() {
        let text = """
            ```yaml
            global: {scrape_interval: 15s}
            scrape_configs:
              - job_name: api
                static_configs: [{targets: [a]}]
            ```
            ```yaml
            services: {groups: none}
            ```
            ```yml
            groups:
              - name: g
                rules:
                  - alert: A
                    expr: up{job="db"} == 0
                    labels: {severity: page}
            ```
            ```promql
            rate(m[20s])
            up{job="apj"}
            ```
            """
        #expect(
            check(text) == [
                "15:15 rule/unknown-job", "19:6 rule/short-range", "20:1 rule/unknown-job",
            ])
        let other = """
            scrape_configs:
              - job_name: db
                static_configs: [{targets: [a]}]
            """
        let found = Checker.checkQueries(
            ["a.md"], configurationPath: "o.yml", files: .memory(["a.md": text, "o.yml": other]))
        #expect(found.map(\.place.line) == [19, 20])
    }
}
