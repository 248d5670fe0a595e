import Configuration
import Model
import Scrape
import Synchronization
import Testing
import Transport

@Suite("Targets follow what happens in Kubernetes", .timeLimit(.minutes(1)))
struct KubernetesWatchTests {
    private let cluster = FakeCluster()

    private func world(_ more: String = "", role: String = "pod") throws -> KubernetesWorld {
        try KubernetesWorld("{role: \(role), api_server: 'http://k/prefix/'\(more)}", cluster)
    }

    /// Answers with status 0 are no answers at all.
    private static let outage = HTTPResponse(status: 0)

    @Test func whatComesChangesAndGoes() async throws {
        let world = try world()
        await world.untilWatching()
        #expect(world.groups == [])
        cluster.put("pods", .pod("b", ip: "10.0.0.2"))
        cluster.put("pods", .pod("a", ip: "10.0.0.1"))
        await world.until { $0.addresses == ["10.0.0.1:80", "10.0.0.2:80"] }
        cluster.put("pods", .pod("b", ip: "10.0.0.3"))
        await world.until { $0.addresses == ["10.0.0.1:80", "10.0.0.3:80"] }
        cluster.remove("pods", .pod("a"))
        await world.until { $0.addresses == ["10.0.0.3:80"] }
        #expect(cluster.lists.count == 1 && cluster.watches.count == 1)
        #expect(world.problems.isEmpty)
        await world.stop()
    }

    @Test func requestsSayWhatIsWanted() async throws {
        let world = try world(
            """
            , namespaces: {names: [a, b, a]}, selectors: [
              {role: pod, label: 'app in (x, y)', field: 'status.phase=Running'}, {role: node, label: z}],
            attach_metadata: {node: true}
            """)
        await world.untilWatching(3)
        await world.stop()
        let tail = "&labelSelector=app%20in%20%28x%2C%20y%29&fieldSelector=status.phase%3DRunning"
        #expect(
            Set(cluster.lists) == [
                "/prefix/api/v1/namespaces/a/pods?limit=500" + tail,
                "/prefix/api/v1/namespaces/b/pods?limit=500" + tail,
                "/prefix/api/v1/nodes?limit=500&labelSelector=z",
            ])
        let watch = "?watch=true&allowWatchBookmarks=true&resourceVersion=100&timeoutSeconds=600"
        #expect(cluster.watches.contains("/prefix/api/v1/namespaces/b/pods" + watch + tail))
        #expect(
            cluster.requests.allSatisfy {
                $0.headers.contains(.init("Accept", "application/json"))
            })
    }

    @Test func aDroppedWatchGoesOnFromTheLastVersion() async throws {
        let world = try world()
        await world.untilWatching()
        cluster.put("pods", .pod("a"))
        await world.until { $0.addresses.count == 1 }
        cluster.dropWatches()
        // Nobody watches while this happens.
        cluster.put("pods", .pod("b"))
        cluster.remove("pods", .pod("a"))
        await world.until { $0.groups?.map(\.place) == ["pod/default/b"] }
        await world.stop()
        #expect(cluster.lists.count == 1)
        #expect(cluster.watches.last?.contains("resourceVersion=101&") == true)
        #expect(world.problems.isEmpty)
    }

    @Test func bookmarksMoveTheVersionOn() async throws {
        let world = try world()
        await world.untilWatching()
        cluster.bookmark()
        cluster.bookmark()
        // What was told before has been taken once this has.
        cluster.put("pods", .pod("a"))
        await world.until { $0.addresses.count == 1 }
        cluster.bookmark()
        cluster.dropWatches()
        await world.until { $0.cluster.watches.count == 2 }
        await world.stop()
        #expect(cluster.watches.last?.contains("resourceVersion=104&") == true)
    }

    @Test func whatTheServerHasForgottenIsListedAnew() async throws {
        cluster.put("pods", .pod("a"))
        cluster.put("pods", .pod("b"))
        let world = try world()
        await world.untilWatching()
        cluster.dropWatches()
        cluster.remove("pods", .pod("a"))
        cluster.compact()
        await world.until { $0.groups?.map(\.place) == ["pod/default/b"] }
        #expect(cluster.lists.count == 2)
        // And it is watched from there on.
        cluster.put("pods", .pod("c"))
        await world.until { $0.addresses.count == 2 }
        await world.stop()
        #expect(world.problems.isEmpty)
    }

    @Test func aStatus410IsTheSame() async throws {
        cluster.put("pods", .pod("a"))
        let world = try world()
        await world.untilWatching()
        cluster.answer { request in
            request.url.contains("watch=true") ? FakeCluster.refusal(410, "gone") : nil
        }
        cluster.dropWatches()
        await world.until { $0.cluster.lists.count == 3 }
        cluster.answer(nil)
        await world.until { $0.cluster.openWatches == 1 && $0.problems.isEmpty }
        #expect(world.addresses.count == 1)
        await world.stop()
    }

    @Test func aLongListComesInPagesOfWhichEachShowsTheSameMoment() async throws {
        for number in 1000..<2200 { cluster.put("pods", .pod("p\(number)")) }
        cluster.afterPage { [cluster] page in
            // While the second page is on its way, the first one's content changes.
            if page == 1 {
                cluster.remove("pods", .pod("p1000"))
                cluster.put("pods", .pod("p1001", ip: "10.9.9.9"))
                cluster.put("pods", .pod("p0999"))
            }
        }
        let world = try world()
        await world.until { world in
            world.groups?.count == 1200
                && world.groups?.contains { $0.targets.first?["__address__"] == "10.9.9.9:80" }
                    == true
        }
        await world.stop()
        let places = Set((world.groups ?? []).map(\.place))
        #expect(places.contains("pod/default/p0999") && !places.contains("pod/default/p1000"))
        #expect(cluster.lists.count == 3)
        #expect(cluster.watches.last?.contains("resourceVersion=1300&") == true)
    }

    @Test func aListThatTakesTooLongBeginsAnew() async throws {
        for number in 1000..<1600 { cluster.put("pods", .pod("p\(number)")) }
        let isFirst = Mutex(true)
        cluster.afterPage { [cluster] page in
            let compacts = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            if compacts {
                cluster.remove("pods", .pod("p1000"))
                cluster.compact()
            }
        }
        let world = try world()
        await world.untilWatching()
        await world.stop()
        #expect(world.groups?.count == 599)
        #expect(cluster.lists.count == 4)
    }

    @Test func pagesThatAreTooLargeBecomeSmaller() async throws {
        for number in 100..<130 { cluster.put("pods", .pod("p\(number)")) }
        struct Small: Transporting {
            let cluster: FakeCluster
            func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
                let answer = try await cluster.send(request)
                let limit = 8000
                guard answer.body.count <= limit else {
                    throw TransportError(.tooLarge(limit: limit), "too large")
                }
                return answer
            }
            func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream {
                try await cluster.stream(request)
            }
            func send(_ mail: MailMessage) async throws(TransportError) -> MailReceipt {
                try await cluster.send(mail)
            }
        }
        let world = try KubernetesWorld(
            "{role: pod, api_server: 'http://k'}", cluster, transport: Small(cluster: cluster))
        await world.untilWatching()
        await world.stop()
        #expect(world.groups?.count == 30)
        #expect(cluster.lists.contains { $0.contains("limit=7") })
    }

    @Test func anOutageKeepsTheTargets() async throws {
        cluster.put("pods", .pod("a"))
        let world = try world()
        await world.untilWatching()
        cluster.answer { _ in Self.outage }
        cluster.dropWatches()
        await world.until { !$0.problems.isEmpty }
        #expect(world.addresses == ["10.0.0.1:80"])
        #expect(
            world.problems == [
                "watch pods: Get \"http://k/prefix/api/v1/pods\": connection refused"
            ])
        let (asked, time) = (cluster.asked.count, world.clock.now)
        await world.until { $0.clock.now >= time + .minutes(10) }
        // Every 30 to 60 seconds at last.
        #expect((10...30).contains(cluster.asked.count - asked))
        cluster.put("pods", .pod("b"))
        cluster.answer(nil)
        await world.until { $0.addresses.count == 2 && $0.problems.isEmpty }
        #expect(cluster.lists.count == 1)
        await world.stop()
    }

    @Test(arguments: [401, 403, 429, 500, 503])
    func aRefusalKeepsTheTargetsAndIsSaid(status: Int) async throws {
        cluster.put("pods", .pod("a"))
        let world = try world()
        await world.untilWatching()
        cluster.answer { _ in FakeCluster.refusal(status, "pods is forbidden") }
        cluster.dropWatches()
        await world.until { !$0.problems.isEmpty }
        #expect(
            world.problems == [
                "watch pods: Get \"http://k/prefix/api/v1/pods\": HTTP status \(status): pods is forbidden"
            ])
        #expect(world.addresses == ["10.0.0.1:80"])
        cluster.answer(nil)
        await world.until { $0.problems.isEmpty }
        await world.stop()
    }

    @Test func nothingIsKnownBeforeEverythingIs() async throws {
        cluster.put("endpoints", FakeObject(namespace: "d", name: "e"))
        cluster.answer { request in
            request.url.contains("/services") ? FakeCluster.refusal(403, "no services") : nil
        }
        let world = try world(role: "endpoints")
        await world.until { $0.cluster.openWatches == 2 && !$0.problems.isEmpty }
        #expect(world.groups == nil)
        #expect(world.problems.first?.contains("list services") == true)
        cluster.answer(nil)
        await world.untilWatching(3)
        #expect(world.problems.isEmpty)
        await world.stop()
    }

    @Test(arguments: [
        "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":1}}}\n", "[]\n", "nonsense\n",
        "{\"type\":\"ERROR\",\"object\":{\"code\":500,\"message\":\"storage\"}}\n",
    ])
    func aWatchThatMakesNoSenseIsListedAnew(event: String) async throws {
        cluster.put("pods", .pod("a"))
        let world = try world()
        await world.untilWatching()
        cluster.say(event)
        await world.until { $0.cluster.lists.count == 2 && $0.problems.isEmpty }
        #expect(world.addresses.count == 1)
        await world.stop()
    }

    @Test(arguments: ["", "{}", "[]", "{\"items\":[", "{\"metadata\":{},\"items\":{}}", "<html>"])
    func anAnswerThatIsNoListIsSaid(body: String) async throws {
        cluster.answer { _ in HTTPResponse(status: 200, body: Array(body.utf8)) }
        let world = try world()
        await world.until { !$0.problems.isEmpty }
        #expect(world.groups == nil)
        #expect(world.problems.first?.hasPrefix("pods: the answer's line 1") == true)
        await world.stop()
    }

    @Test func manyChangesAreFewUpdates() async throws {
        let world = try world()
        await world.untilWatching()
        let (updates, start) = (world.updates, world.clock.now)
        for number in 0..<1000 {
            cluster.put("pods", .pod("p", ip: "10.0.\(number / 250).\(number % 250)"))
            await Task.yield()
        }
        await world.until { $0.addresses == ["10.0.3.249:80"] }
        let passed = (world.clock.now - start).value
        #expect(Int64(world.updates - updates) <= passed / 5000 + 2)
        await world.stop()
    }

    @Test func whatTargetsLookAtChangesThem() async throws {
        cluster.put("pods", .pod("web", in: "shop"))
        cluster.put("services", FakeObject(namespace: "shop", name: "web"))
        cluster.put("namespaces", FakeObject(name: "shop"))
        cluster.put("nodes", FakeObject(name: "n1"))
        cluster.put(
            "endpoints",
            FakeObject(
                namespace: "shop", name: "web",
                rest: """
                    "subsets":[{"addresses":[{"ip":"10.0.0.1","nodeName":"n1",
                      "targetRef":{"kind":"Pod","namespace":"shop","name":"web"}}],"ports":[{"port":80}]}]
                    """))
        let world = try world(", attach_metadata: {node: true, namespace: true}", role: "endpoints")
        await world.untilWatching(5)
        @Sendable func value(_ label: String) -> @Sendable (KubernetesWorld) -> String? {
            { $0.targets.first?["__meta_kubernetes_" + label] }
        }
        cluster.put("pods", .pod("web", in: "shop", phase: "Failed"))
        await world.until { value("pod_phase")($0) == "Failed" }
        let labels = #""labels":{"x":"y"}"#
        cluster.put("services", FakeObject(namespace: "shop", name: "web", metadata: labels))
        await world.until { value("service_label_x")($0) == "y" }
        cluster.put("namespaces", FakeObject(name: "shop", metadata: labels))
        await world.until { value("namespace_label_x")($0) == "y" }
        cluster.put("nodes", FakeObject(name: "n1", metadata: labels))
        await world.until { value("node_label_x")($0) == "y" }
        cluster.remove("pods", .pod("web", in: "shop"))
        await world.until { value("pod_phase")($0) == nil }
        #expect(world.addresses == ["10.0.0.1:80"])
        cluster.remove("services", FakeObject(namespace: "shop", name: "web"))
        await world.until { value("service_name")($0) == nil }
        await world.stop()
    }
}
