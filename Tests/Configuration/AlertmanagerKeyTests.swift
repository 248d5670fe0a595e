import Configuration
import Testing

/// Keys that Alertmanager 0.32 takes.
struct AlertmanagerKeyTests {
    private func load(_ text: String) -> LoadResult<NotifierConfiguration> {
        NotifierConfiguration.load(text: Array(text.utf8), path: "n.yml")
    }

    @Test func tracingIsCheckedAndNotActedOn() {
        let rest = "\nroute: {receiver: r}\nreceivers: [{name: r}]"
        let good = load(
            "tracing: {endpoint: 'localhost:4317', client_type: http, headers: {A: {values: [x]}}}"
                + rest)
        #expect(good.value != nil, "\(good.problems)")
        #expect(good.warnings.map(\.path) == ["tracing"])
        for wrong in ["{}x", "{client_type: http}", "{endpoint: e, client_type: udp}"] {
            #expect(load("tracing: \(wrong)" + rest).value == nil, "\(wrong)")
        }
    }

    @Test func anEmptyGroupByEndsTheParentsGrouping() throws {
        let text = """
            route:
              receiver: r
              group_by: [alertname]
              routes:
                - {matchers: ["a=b"], group_by: []}
                - {matchers: ["a=c"], group_by: }
                - {matchers: ["a=d"]}
            receivers: [{name: r}]
            """
        let routes = try load(text).get().route.routes
        #expect(routes.map(\.groupBy) == [.labels([]), nil, nil])
    }
}
