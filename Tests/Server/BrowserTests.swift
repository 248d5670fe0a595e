import Foundation
import Model
import TestSupport
import Testing

/// The pages in a real browser.
@Suite(
    .enabled(if: Browser.isInstalled, "chromium is not installed: apt install chromium"),
    .serialized)
struct BrowserTests {
    /// Serves a world and opens a page of it.
    private func browse(
        _ world: World, _ path: String,
        _ body: @escaping @Sendable (BrowserPage, Client) async throws -> Void
    ) async throws {
        let workspace = try Workspace()
        let browser = try await Browser(in: workspace)
        try await world.serve { client in
            let page = try await browser.open("http://127.0.0.1:\(client.port)" + path)
            try await body(page, client)
            // What the API refuses is the browser's to tell of too; a daemon that never ran is not ready.
            let problems = page.problems.filter {
                !$0.contains("status of 400") && !$0.contains("status of 503")
            }
            #expect(problems.isEmpty, "\(problems)")
        }
    }

    private static let main = "document.querySelector('main')"
    private static let text = "document.querySelector('main').innerText"

    private static let hostile = """
        [{"labels":{"alertname":"Down","severity":"page","job":"j","<b>x</b>":"1"},
          "annotations":{"summary":"it is down, see https://runbooks.example/down"},
          "startsAt":"2026-01-05T08:55:00Z","generatorURL":"http://prometheus.example/graph?g0.expr=up"},
         {"labels":{"alertname":"<img src=x onerror=alert(1)>","job":"k",
          "note":"\\"><script>window.owned = 1</script>"},
          "annotations":{"link":"javascript:window.owned=1","data":"data:text/html,x"},
          "startsAt":"2026-01-05T08:00:00Z","generatorURL":"javascript:window.owned=1"}]
        """

    @Test func alertsAreShownAndHostileOnesAreText() async throws {
        try await browse(World(notifiers: AlertmanagerTests.notifiers), "/") { page, client in
            try await page.wait(until: "\(Self.text).includes('No alerts')")
            #expect(try await client.post("/api/v2/alerts", Self.hostile).status == 200)
            try await page.go(to: "http://127.0.0.1:\(client.port)/?2#/alerts")
            try await page.wait(until: "document.querySelectorAll('article').length === 2")
            let text = try await page.evaluate(Self.text)
            for part in [
                "2 alerts", "severity=\"page\"", "<b>x</b>=\"1\"", "started 5m ago", "to pager",
                "<img src=x onerror=alert(1)>", "><script>window.owned = 1</script>",
                "javascript:window.owned=1",
            ] {
                #expect(text.contains(part), "\(part) in \(text)")
            }
            // Nothing of it became markup, a script, or a link that is no web page's.
            #expect(
                try await page.evaluate("\(Self.main).querySelectorAll('img, script, b').length")
                    == "0")
            #expect(try await page.evaluate("typeof window.owned") == "undefined")
            let links = try await page.evaluate(
                "[...document.querySelectorAll('main a')].map((a) => a.href).join('\\n')")
            #expect(!links.contains("javascript:") && !links.contains("data:"), "\(links)")
            #expect(links.contains("http://prometheus.example/graph?g0.expr=up"))
            #expect(links.contains("https://runbooks.example/down"))
        }
    }

    @Test func theLinksOfMessagesChooseAlerts() async throws {
        try await browse(World(notifiers: AlertmanagerTests.notifiers), "/#/status") {
            page, client in
            #expect(try await client.post("/api/v2/alerts", Self.hostile).status == 200)
            let smoke = """
                [{"labels":{"alertname":"Fire","job":"f"}},{"labels":{"alertname":"Smoke","job":"f"}},
                 {"labels":{"alertname":"Late","shift":"night"}}]
                """
            #expect(try await client.post("/api/v2/alerts", smoke).status == 200)
            let names = "[...document.querySelectorAll('h3')].map((h) => h.firstChild.data).join()"
            for (hash, expected) in [
                ("receiver=pager", "Down"), ("receiver=pag", ""), ("receiver=pag.%2B", "Down"),
                ("filter=%7Bjob%3D%22f%22%7D", "Fire"),
                ("filter=job%3D%22f%22&inhibited=true", "Fire,Smoke"),
                ("filter=job%3D%22f%22&inhibited=true&active=false", "Smoke"),
                ("receiver=night", ""), ("receiver=night&muted=true", "Late"),
            ] {
                try await page.evaluate(
                    "(\(Self.main).replaceChildren(), location.hash = '#/alerts?\(hash)')")
                try await page.wait(
                    until: "document.querySelector('.count')?.textContent.length > 0")
                #expect(try await page.evaluate(names) == expected, "\(hash)")
            }
            #expect(
                try await page.evaluate("document.querySelector('.count').textContent")
                    .hasPrefix("1 alert"))
            // What the API refuses is shown in its words.
            try await page.evaluate("location.hash = '#/alerts?filter=%7B%7B'")
            try await page.wait(until: "document.querySelector('[role=alert]') !== null")
        }
    }

    @Test func aSilenceIsMadeChangedAndEnded() async throws {
        let link =
            "/#/silences/new?filter=%7Balertname%3D%22Down%22%2C%20note%3D~%22a%5C%5C.b%7Cc%2Cd%22%2C%20%7D"
        try await browse(World(notifiers: AlertmanagerTests.notifiers), link) { page, client in
            try await page.wait(until: "document.querySelectorAll('.matcher').length === 2")
            let fill = { (name: String, value: String) in
                try await page.evaluate(
                    "document.querySelector('[name=\(name)]').value = '\(value)'")
            }
            let submit = {
                try await page.evaluate("document.querySelector('form').requestSubmit()")
            }
            // The API's own refusal, then a silence.
            _ = try await fill("createdBy", "me")
            _ = try await fill("comment", "new disks")
            let last = "document.querySelectorAll('.matcher')[1].querySelectorAll('input')[1]"
            let value = try await page.evaluate(last + ".value")
            #expect(value == #"a\.b|c,d"#)
            try await page.evaluate(last + ".value = '('")
            _ = try await submit()
            try await page.wait(
                until:
                    "document.querySelector('[role=alert]')?.innerText.includes('invalid silence')")
            try await page.evaluate("\(last).value = '(x|y)'")
            _ = try await submit()
            try await page.wait(until: "/^#.silences.[0-9a-f-]{36}$/.test(location.hash)")
            let list = try await client.get("/api/v2/silences").text
            #expect(
                list.contains(#""name":"alertname","value":"Down"},{"isEqual":true,"isRegex":true"#)
            )
            #expect(list.contains(#""comment":"new disks","createdBy":"me""#))
            // Two hours by the daemon's clock, not the browser's.
            #expect(list.contains(#""endsAt":"2026-01-05T11:00:00.000Z""#), "\(list)")

            try await page.wait(until: "\(Self.text).includes('new disks')")
            try await page.evaluate("location.hash += '/edit'")
            try await page.wait(
                until: "document.querySelector('[name=comment]')?.value === 'new disks'")
            _ = try await fill("comment", "newer disks")
            _ = try await submit()
            try await page.wait(
                until: "\(Self.text).includes('newer disks') && \(Self.text).includes('Expire')")
            try await page.evaluate("document.querySelector('.danger').click()")
            try await page.wait(until: "\(Self.text).includes('Really expire it?')")
            #expect(try await client.get("/api/v2/silences").text.contains(#""state":"active""#))
            try await page.evaluate("document.querySelector('.danger').click()")
            try await page.wait(until: "\(Self.text).includes('Make it anew')")
            #expect(try await !client.get("/api/v2/silences").text.contains(#""state":"active""#))
            try await page.evaluate("location.hash = '#/silences'")
            try await page.wait(until: "\(Self.text).includes('0 active, 0 pending, 1 expired')")
        }
    }

    @Test func expressionsAreTablesAndGraphs() async throws {
        let world = try await PageTests.world()
        for age in 0..<50 {
            world.append(
                Labels(["__name__": "load", "host": "<i>"]), Int64(3000 - age * 60), Double(age))
        }
        try await browse(world, "/graph?g0.expr=load%7Bhost%3D%22%3Ci%3E%22%7D+%2B+0&g0.tab=1") {
            page, client in
            try await page.wait(until: "\(Self.text).includes('1 series')")
            let table = try await page.evaluate("document.querySelector('tbody').innerText")
            #expect(table.contains("{host=\"<i>\"}") && table.contains("49"), "\(table)")
            #expect(
                try await page.evaluate("document.querySelector('textarea').value")
                    == "load{host=\"<i>\"} + 0")

            try await page.go(
                to: "http://127.0.0.1:\(client.port)/graph?g0.expr=load&g0.tab=0&g0.range_input=30m"
            )
            try await page.wait(
                until:
                    "document.querySelector('path.line')?.getAttribute('d').split('L').length > 20")
            #expect(
                try await page.evaluate("document.querySelector('.legend').innerText").contains(
                    "load{host=\"<i>\"}"))
            // The same in the past, of which the address tells.
            try await page.go(
                to:
                    "http://127.0.0.1:\(client.port)/query?g0.expr=load&g0.end_input=2026-01-05+08%3A30%3A00"
            )
            try await page.wait(until: "document.querySelector('tbody')?.innerText.includes('20')")
        }
        try await browse(world, "/query?g0.expr=sum(&g1.expr=absent(load)") { page, _ in
            try await page.wait(until: "document.querySelector('[role=alert]') !== null")
            #expect(
                try await page.evaluate("document.querySelector('[role=alert]').innerText")
                    .contains("parse error"))
            try await page.wait(until: "\(Self.text).includes('The result is empty.')")
        }
    }

    @Test func rulesAndTargets() async throws {
        let world = try await PageTests.world()
        try await browse(world, "/alerts") { page, client in
            try await page.wait(until: "\(Self.text).includes('firing (1)')")
            let rule = try await page.evaluate(Self.text)
            #expect(rule.contains("Down") && rule.contains("instance=\"a:1\""), "\(rule)")
            let port = client.port
            try await page.go(to: "http://127.0.0.1:\(port)/rules")
            try await page.wait(until: "\(Self.text).includes('alert: Down')")
            try await page.go(to: "http://127.0.0.1:\(port)/targets")
            try await page.wait(until: "\(Self.text).includes('http://app:1/metrics')")
            try await page.go(to: "http://127.0.0.1:\(port)/service-discovery")
            try await page.wait(until: "\(Self.text).includes('static_configs[0]')")
            let found = try await page.evaluate("document.body.textContent")
            #expect(found.contains("1 active, 1 dropped"), "\(found)")
            #expect(found.contains("relabel_configs[0] drops it"), "\(found)")
            #expect(found.contains(#"__address__="localhost:2""#), "\(found)")
            try await page.go(
                to: "http://127.0.0.1:\(port)/service-discovery?scrapePool=other")
            try await page.wait(until: "\(Self.text).includes('No job is configured.')")
            try await page.go(to: "http://127.0.0.1:\(port)/#/status")
            try await page.wait(until: "\(Self.text).includes('Speaks as')")
        }
    }
}
