import Console
import Foundation
import Model
import TestSupport
import Testing

/// The pages as they are served. What they show is in `BrowserTests`.
struct PageTests {
    static let rules = """
        groups:
          - name: all
            rules:
              - alert: Down
                expr: up{job="app"} == 0
                annotations:
                  table: '{{ externalURL }}{{ tableLink "up == 0" }}'
                  graph: '{{ externalURL }}{{ graphLink "up == 0" }}'
        """

    /// A daemon with an alert that fires.
    static func world(externalURL: String = "http://tocsin.example") async throws -> World {
        let world = try World(
            rules: rules, notifiers: AlertmanagerTests.notifiers, externalURL: externalURL)
        world.append(Labels(["__name__": "up", "job": "app", "instance": "a:1"]), 0, 0)
        await world.daemon.runner.evaluate(now: World.now + .seconds(60))
        return world
    }

    private struct ShownAlert: Decodable {
        var generatorURL: String
        var annotations: [String: String]
    }

    /// The links that rules and the default templates put into messages.
    private func links(_ client: Client, externalURL: String) async throws -> [String] {
        let body = try await client.get("/api/v2/alerts").body
        let alert = try #require(
            try JSONDecoder().decode([ShownAlert].self, from: Data(body)).first)
        let rendering = try TemplateRendering(files: [])
        let sample = SampleNotification.mixed(at: World.now, externalURL: externalURL)
        let mail = try rendering.render("email.default.html", sample, isHTML: true)
        let inMail = mail.split(separator: "href=\"").dropFirst().map { part in
            String(part.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
        }
        #expect(inMail.count >= 3, "\(inMail)")
        return [alert.generatorURL] + alert.annotations.values.sorted() + inMail
            + [try rendering.render("__alertmanagerURL", sample)]
    }

    @Test(arguments: ["http://tocsin.example", "https://proxy.example/on/call"])
    func everyLinkInAMessageOpensAPage(externalURL: String) async throws {
        try await Self.world(externalURL: externalURL).serve { client in
            let links = try await links(client, externalURL: externalURL)
            #expect(links.count >= 7)
            let prefix = try #require(URL(string: externalURL)).path
            for link in links {
                #expect(link.hasPrefix(externalURL), "\(link)")
                let path = link.dropFirst(externalURL.count).prefix { $0 != "#" }
                // As through a proxy that strips the prefix, and through one that does not.
                for place in Set(["", prefix]) {
                    let answer = try await client.get(place + path)
                    #expect(answer.status == 200, "\(place + path)")
                    #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                    #expect(answer.text.contains("<main"))
                }
            }
        }
    }

    @Test(arguments: [
        "/", "/alerts", "/graph?g0.expr=up", "/query", "/rules", "/service-discovery", "/targets",
    ])
    func aPageTrustsNobody(path: String) async throws {
        try await Self.world().serve { client in
            let page = try await client.get(path)
            #expect(page.status == 200)
            let policy = page.headers["content-security-policy"] ?? ""
            for rule in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'",
                "connect-src 'self'", "frame-ancestors 'none'",
            ] {
                #expect(policy.contains(rule))
            }
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-content-type-options"] == "nosniff")
            #expect(page.headers["cache-control"] == "no-cache")
            let tag = try #require(page.headers["etag"])
            let again = try await client.ask("GET", path, headers: [("If-None-Match", tag)])
            #expect(again.status == 304 && again.body.isEmpty)
            let head = try await client.ask("HEAD", path)
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(head.headers["content-length"] == String(page.body.count))
            let post = try await client.ask("POST", path)
            #expect(post.status == 405 && post.headers["allow"] == "GET, HEAD, OPTIONS")
        }
    }

    /// Everything that the document and its scripts name is there, and nothing comes from elsewhere.
    @Test func whatAPageNeedsIsServed() async throws {
        try await Self.world().serve { client in
            let page = try await client.get("/").text
            var open = page.split(separator: "\"").filter { $0.hasPrefix("assets/") }
                .map { String($0.dropFirst("assets/".count)) }
            #expect(open.count == 3)
            var seen: Set<String> = []
            let types = ["js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"]
            while let name = open.popLast() {
                guard seen.insert(name).inserted else { continue }
                let asset = try await client.get("/assets/" + name)
                #expect(asset.status == 200, "\(name)")
                let type = try #require(types[String(name.split(separator: ".").last ?? "")])
                #expect(asset.headers["content-type"]?.hasPrefix(type) ?? false)
                #expect(asset.headers["etag"] != nil)
                open += asset.text.split(separator: "\"").filter { $0.hasPrefix("./") }
                    .map { String($0.dropFirst(2)) }
                for banned in [
                    "innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                ] {
                    #expect(!asset.text.contains(banned), "\(banned) in \(name)")
                }
            }
            #expect(seen.count >= 10)
            #expect(try await client.get("/assets/none.js").status == 404)
            #expect(try await client.get("/assets/..%2fpage.html").status == 404)
        }
    }

    @Test func aSlashTooManyIsTakenAway() async throws {
        try await Self.world(externalURL: "http://proxy.example/on").serve { client in
            let slash = try await client.get("/graph/?g0.expr=up")
            #expect(slash.status == 308 && slash.headers["location"] == "../graph?g0.expr=up")
            let bare = try await client.get("/on")
            #expect(bare.status == 308 && bare.headers["location"] == "/on/")
            #expect(try await client.get("/on/api/v1/query?query=1").status == 200)
            #expect(try await client.get("/only").status == 404)
        }
    }

    @Test func otherMethodsAreRefusedAsPrometheusDoes() async throws {
        try await Self.world().serve { client in
            for (method, path, allowed) in [
                ("DELETE", "/api/v1/query", "GET, OPTIONS, POST"),
                ("POST", "/api/v1/rules", "GET, OPTIONS"),
                ("PUT", "/api/v1/label/job/values", "GET, OPTIONS"),
                ("PATCH", "/api/v1/series", "DELETE, GET, OPTIONS, POST"),
                ("GET", "/-/reload", "OPTIONS, POST, PUT"), ("POST", "/metrics", "GET, OPTIONS"),
            ] {
                let answer = try await client.ask(method, path)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer.headers["allow"] == allowed, "\(method) \(path)")
                #expect(answer.text == "Method Not Allowed\n")
            }
            for path in ["/api/v1/nothing", "/nothing", "/api/v1/label/x"] {
                let answer = try await client.get(path)
                #expect(answer.status == 404 && answer.text == "404 page not found\n")
            }
        }
    }

    /// What `gzip`, the program, makes of it.
    private func gunzip(_ bytes: [UInt8]) async throws -> [UInt8] {
        let workspace = try Workspace()
        try Data(bytes).write(to: URL(fileURLWithPath: workspace.file("a.gz")))
        let run = try await Subprocess.run("/bin/gzip", ["-dc", "a.gz"], in: workspace)
        #expect(run.end == .exited(0), "\(run.log)")
        return Array(run.output.utf8)
    }

    @Test func answersAreCompressedForWhoAsks() async throws {
        let world = try await Self.world()
        for number in 0..<200 {
            world.append(Labels(["__name__": "many", "number": String(number)]), 0, 1)
        }
        try await world.serve { client in
            let accepts = [("Accept-Encoding", "deflate, gzip;q=0.8")]
            for path in ["/api/v1/query?query=many", "/federate?match[]=many", "/assets/style.css"]
            {
                let plain = try await client.get(path)
                #expect(plain.headers["content-encoding"] == nil && plain.body.count > 1024)
                let small = try await client.ask("GET", path, headers: accepts)
                #expect(small.status == 200 && small.headers["content-encoding"] == "gzip")
                #expect(small.headers["vary"]?.contains("Accept-Encoding") ?? false)
                #expect(small.body.count < plain.body.count)
                #expect(try await gunzip(small.body) == plain.body, "\(path)")
                for refusal in ["gzip;q=0", "br", "*;q=0"] {
                    let answer = try await client.ask(
                        "GET", path, headers: [("Accept-Encoding", refusal)])
                    #expect(answer.headers["content-encoding"] == nil)
                }
            }
            let short = try await client.ask("GET", "/api/v1/query?query=1", headers: accepts)
            #expect(short.headers["content-encoding"] == nil)
        }
    }
}
