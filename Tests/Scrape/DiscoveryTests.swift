import Configuration
import Foundation
import Model
import Scrape
import Synchronization
import Testing
import Transport

/// A source whose updates a test makes up.
struct ScriptedSource: TargetSource {
    static let mechanism = "scripted"

    /// Equal where the name is: what a source is.
    let name: String
    let updates: Channel

    static func == (a: Self, b: Self) -> Bool { a.name == b.name }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// Hands updates over to the source that runs, and tells when it was cancelled.
    final class Channel: Sendable {
        let stream: AsyncStream<SourceUpdate>
        let input: AsyncStream<SourceUpdate>.Continuation
        let runs = Mutex(0)
        let ended = Mutex(0)

        init() { (stream, input) = AsyncStream<SourceUpdate>.makeStream() }
    }

    func run(
        in environment: SourceEnvironment, yield: @escaping @Sendable (SourceUpdate) -> Void
    ) async {
        updates.runs.withLock { $0 += 1 }
        for await update in updates.stream { yield(update) }
        updates.ended.withLock { $0 += 1 }
    }
}

@Suite(.timeLimit(.minutes(1))) struct DiscoveryTests {
    private let clock = ManualClock()
    private let files = FakeFiles()

    private func discovery() -> TargetDiscovery {
        let transport = FakeTransport { (_) throws(TransportError) in FakeTransport.text("") }
        return TargetDiscovery(
            SourceEnvironment(clock: clock, files: files.access, transport: transport))
    }

    private func group(_ address: String) -> DiscoveredGroup {
        DiscoveredGroup(place: "test", targets: [Labels(["__address__": address])])
    }

    private func addresses(_ discovery: TargetDiscovery, _ pool: String = "p") -> [String] {
        discovery.groups(of: pool).groups.flatMap(\.targets).map { $0.value("__address__") }
    }

    /// Waits for something that another task brings about.
    private func until(_ isDone: () -> Bool) async { while !isDone() { await Task.yield() } }

    private func fileSource(_ pattern: String) -> [any TargetSource] {
        var configuration = ScrapeConfiguration(jobName: "p")
        configuration.discoveries.files = [FileDiscovery(files: [pattern])]
        return TargetSources.of(configuration.discoveries)
    }

    @Test func anErrorKeepsTheLastTargetsAndAnEmptyAnswerEmpties() async {
        let discovery = discovery()
        let channel = ScriptedSource.Channel()
        discovery.apply(["p": [ScriptedSource(name: "s", updates: channel)]])
        #expect(discovery.states.first?.lastSuccess == nil)
        let running = Task { await discovery.run() }
        channel.input.yield(SourceUpdate(groups: [group("a:1"), group("b:1")]))
        await until { addresses(discovery) == ["a:1", "b:1"] }
        #expect(discovery.states.first?.lastSuccess == clock.now)
        #expect(discovery.states.first?.targets == 2 && discovery.states.first?.groups == 2)
        let version = discovery.groups(of: "p").version
        let success = clock.now
        clock.advance(to: success + .seconds(5))
        channel.input.yield(.failure("http://x: refused"))
        await until { discovery.states.first?.problems == ["http://x: refused"] }
        #expect(addresses(discovery) == ["a:1", "b:1"])
        #expect(discovery.states.first?.lastSuccess == success)
        #expect(discovery.states.first?.lastFailure == clock.now)
        #expect(discovery.groups(of: "p").version == version)
        channel.input.yield(SourceUpdate(groups: []))
        await until { addresses(discovery).isEmpty }
        #expect(discovery.states.first?.problems == [] && discovery.states.first?.targets == 0)
        #expect(discovery.states.first?.lastProblems == ["http://x: refused"])
        #expect(discovery.states.first?.looks == 3 && discovery.states.first?.failures == 1)
        #expect(discovery.states.first?.hasGivenUp == false)
        channel.input.finish()
        await until { discovery.states.first?.hasGivenUp == true }
        running.cancel()
        await running.value
        #expect(channel.ended.withLock { $0 } == 1)
    }

    @Test func aSourceThatIsStillThereGoesOn() async {
        let discovery = discovery()
        let (kept, gone, new) = (
            ScriptedSource.Channel(), ScriptedSource.Channel(), ScriptedSource.Channel()
        )
        let source = ScriptedSource(name: "kept", updates: kept)
        discovery.apply(["p": [ScriptedSource(name: "gone", updates: gone), source]])
        let running = Task { await discovery.run() }
        gone.input.yield(SourceUpdate(groups: [group("gone:1")]))
        kept.input.yield(SourceUpdate(groups: [group("kept:1")]))
        await until { addresses(discovery) == ["gone:1", "kept:1"] }
        discovery.apply(["p": [source, ScriptedSource(name: "new", updates: new)]])
        await until { gone.ended.withLock { $0 } == 1 }
        #expect(kept.runs.withLock { $0 } == 1 && kept.ended.withLock { $0 } == 0)
        // The first of its kind that is not there any more is not the second's forerunner.
        #expect(addresses(discovery) == ["kept:1"])
        new.input.yield(SourceUpdate(groups: [group("new:1")]))
        await until { addresses(discovery) == ["kept:1", "new:1"] }
        discovery.apply([:])
        #expect(addresses(discovery).isEmpty && discovery.states.isEmpty)
        running.cancel()
        await running.value
    }

    @Test func aSourceThatChangedHasTheOldTargetsUntilItHasLooked() async {
        let discovery = discovery()
        let (old, new) = (ScriptedSource.Channel(), ScriptedSource.Channel())
        discovery.apply(["p": [ScriptedSource(name: "old", updates: old)]])
        let running = Task { await discovery.run() }
        old.input.yield(SourceUpdate(groups: [group("a:1")]))
        await until { addresses(discovery) == ["a:1"] }
        discovery.apply(["p": [ScriptedSource(name: "new", updates: new)]])
        #expect(addresses(discovery) == ["a:1"] && discovery.states.first?.lastSuccess == nil)
        // The old one is not heard any more.
        old.input.yield(SourceUpdate(groups: []))
        new.input.yield(.failure("no"))
        await until { discovery.states.first?.problems == ["no"] }
        #expect(addresses(discovery) == ["a:1"])
        new.input.yield(SourceUpdate(groups: []))
        await until { addresses(discovery).isEmpty }
        running.cancel()
        await running.value
    }

    @Test func staticTargetsAreKnownAtOnce() {
        let discovery = discovery()
        var configuration = ScrapeConfiguration(jobName: "p")
        configuration.discoveries.staticTargets = [TargetGroup(targets: ["a:1", "b:1"])]
        discovery.apply(["p": TargetSources.of(configuration.discoveries)])
        #expect(addresses(discovery) == ["a:1", "b:1"])
        let state = discovery.states.first
        #expect(state?.mechanism == "static" && state?.targets == 2 && state?.groups == 1)
        #expect(state?.lastSuccess == clock.now)
    }

    @Test func filesOfTargetsAreWatched() async {
        let discovery = discovery()
        discovery.apply(["p": fileSource("/sd/*.json")])
        let running = Task { await discovery.run() }
        func look() async { await clock.advanceToNext(sleepers: 1) }
        files.write(
            "/sd/a.json", #"[{"targets": ["x:1", "y:1"], "labels": {"env": "e"}}]"#, at: clock.now)
        await look()
        await until { addresses(discovery) == ["x:1", "y:1"] }
        let found = discovery.groups(of: "p").groups.first
        #expect(found?.labels == Labels(["env": "e"]))
        #expect(found?.targets.first?["__meta_filepath"] == "/sd/a.json")
        // A broken file keeps what it last said, another one is read; a missing one takes its
        // targets along.
        files.write("/sd/a.json", "[{", at: clock.now)
        files.write("/sd/b.json", #"[{"targets": ["z:1"]}]"#, at: clock.now)
        await look()
        await until { addresses(discovery) == ["x:1", "y:1", "z:1"] }
        #expect(discovery.states.first?.problems.count == 1)
        files.write("/sd/a.json", #"[{"targets": ["y:1"]}]"#, at: clock.now)
        await look()
        await until { addresses(discovery) == ["y:1", "z:1"] }
        #expect(discovery.states.first?.problems == [])
        files.remove("/sd/a.json")
        files.remove("/sd/b.json")
        await look()
        await until { addresses(discovery).isEmpty }
        running.cancel()
        await running.value
    }

    @Test func textFilesAreTargets() async throws {
        let discovery = discovery()
        var configuration = ScrapeConfiguration(jobName: "p")
        configuration.discoveries.textfiles = [
            TextfileSource(files: ["/d/*.prom"], labels: Labels(["service": "p"])),
            TextfileSource(files: ["/d/a.prom", "/missing.prom"]),
        ]
        files.write("/d/a.prom", "a 1\n", at: clock.now)
        discovery.apply(["p": TargetSources.of(configuration.discoveries)])
        let running = Task { await discovery.run() }
        await until { addresses(discovery) == ["/d/a.prom", "/missing.prom"] }
        let targets = TargetBuilder(configuration).build(discovery.groups(of: "p").groups).targets
        let target = try #require(targets.first)
        #expect(target.labels == Labels(["instance": "/d/a.prom", "job": "p", "service": "p"]))
        #expect(target.url == "file:///d/a.prom")
        #expect(target.source == .textfile(path: "/d/a.prom", maximumAge: .minutes(5)))
        running.cancel()
        await running.value
    }

    // MARK: Text files in folders

    private func found(_ pattern: String) async -> (paths: [String], problems: [String]) {
        var configuration = ScrapeConfiguration(jobName: "p")
        configuration.discoveries.textfiles = [TextfileSource(files: [pattern])]
        let discovery = discovery()
        discovery.apply(["p": TargetSources.of(configuration.discoveries)])
        let running = Task { await discovery.run() }
        await until { discovery.states.first?.looks == 1 }
        running.cancel()
        await running.value
        return (addresses(discovery), discovery.states.first?.problems ?? [])
    }

    @Test(arguments: [
        ("/d/**/*.prom", ["/d/a.prom", "/d/x/b.prom", "/d/x/y/c.prom"]),
        ("/d/**", ["/d/a.prom", "/d/x/b.prom", "/d/x/n.txt", "/d/x/y/c.prom"]),
        ("/d/**/x/**/*.prom", ["/d/x/b.prom", "/d/x/y/c.prom"]),
        ("/d/x/**/y/*.prom", ["/d/x/y/c.prom"]),
        ("/d/**/z/*.prom", []),
    ])
    func twoStarsCrossFolders(pattern: String, expected: [String]) async {
        for path in ["/d/a.prom", "/d/x/b.prom", "/d/x/n.txt", "/d/x/y/c.prom", "/e/f.prom"] {
            files.write(path, "a 1\n", at: clock.now)
        }
        let found = await found(pattern)
        #expect(found.paths == expected && found.problems.isEmpty)
    }

    @Test func aWalkIsBoundedAndSaysSo() async {
        files.write("/d/" + String(repeating: "x/", count: 16) + "a.prom", "a 1\n", at: clock.now)
        files.write("/d/" + String(repeating: "y/", count: 17) + "a.prom", "a 1\n", at: clock.now)
        let found = await found("/d/**/*.prom")
        #expect(found.paths.count == 1 && found.paths[0].hasPrefix("/d/x/"))
        #expect(
            found.problems == [
                "/d/**/*.prom: folders are more than 16 deep (RecursiveGlob.maximumDepth); "
                    + "the rest is left out: narrow the pattern"
            ])
    }

    @Test func noMoreFilesThanTheLimitAreTargets() async {
        for number in 0...10_000 { files.write("/d/\(number).prom", "a 1\n", at: clock.now) }
        let found = await found("/d/**/*.prom")
        #expect(found.paths.count == 10_000)
        #expect(found.problems.count == 1 && found.problems[0].contains("maximumFiles"))
    }

    @Test func linksToFoldersAreNotFollowed() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tocsin-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("own"), withIntermediateDirectories: true)
        try Data("a 1\n".utf8).write(to: folder.appendingPathComponent("own/a.prom"))
        for (link, target) in [("loop", "."), ("b.prom", "own/a.prom"), ("gone", "none")] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.appendingPathComponent(link).path, withDestinationPath: target)
        }
        let entries = ScrapeFiles.system.entries(folder.path)
        #expect(
            entries == [
                FolderEntry(name: "b.prom", isFolder: false),
                FolderEntry(name: "own", isFolder: true),
            ])
    }
}
