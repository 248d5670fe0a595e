import Foundation
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

/// A daemon that is killed again and again while incidents go on.
struct ChaosRun {
    let kills: Int
    let seed: UInt64
    /// Whether the disk is to be filled up as well, where this user can have one of his own.
    let fillsDisk: Bool

    /// When a run of the daemon ends.
    private enum Ending {
        /// While it starts.
        case starting
        /// At any moment.
        case running
        /// When a receiver has a message and has not answered.
        case arrival
        /// A moment after a receiver has answered.
        case answer
        /// A moment after it has itself accepted an alert or a silence.
        case accepted
        /// When it is asked to.
        case asked
        /// After its disk was full for a while.
        case fullDisk

        static let drawn: [Ending] = [
            .starting, .starting, .running, .running, .running, .arrival, .arrival, .arrival,
            .answer, .answer, .answer, .answer, .accepted, .accepted, .asked, .fullDisk,
        ]
    }

    struct Outcome {
        var verdict: ChaosVerdict
        var fullDisks = 0
        var silences = 0
    }

    func run() async throws -> Outcome {
        let workspace = try Workspace()
        let (ledger, trigger) = (ChaosLedger(), ChaosTrigger())
        let receivers = try ["one", "two", "three"].map { try ChaosReceiver($0, ledger, trigger) }
        let port = try Listener.freePort()
        let world = try ChaosWorld(ledger, trigger, receivers: receivers, port: port, seed: seed)
        let storage = workspace.file("storage")
        let disk = fillsDisk ? try await ChaosDisk.mount(at: storage, in: workspace) : nil
        try world.writeConfiguration(workspace, storage: storage)
        var stage = Stage(
            workspace: workspace, storage: storage, port: port, ledger: ledger, trigger: trigger,
            disk: disk
        ) { try world.writeNotifiers(workspace, run: $0) }

        // The silence is there before what it silences is ever told.
        try await stage.begin()
        try await eventually("the first silence") { await world.mute() ? true : nil }
        let life = Task {
            while !Task.isCancelled {
                await world.step()
                try await Task.sleep(for: .milliseconds(25))
            }
        }
        defer { life.cancel() }
        var random = SeededRandom(seed: seed &+ 1)
        var outcome = Outcome(verdict: ChaosVerdict([], receivers: []))
        for _ in 0..<kills {
            let ending = Ending.drawn.randomElement(using: &random) ?? .running
            if ending == .fullDisk, disk != nil { outcome.fullDisks += 1 }
            try await end(ending, &stage, &random)
            try await stage.begin()
        }
        await world.calmDown()
        do {
            try await eventually("peace", within: .seconds(240), every: .milliseconds(100)) {
                await world.isSettled && stage.owesNothing ? true : nil
            }
        } catch {
            // The verdict says what is missing.
            print("\(error): \(await world.unsettled)\n\(stage.process?.logTail ?? "")")
        }
        life.cancel()
        let forgotten = try await eventually("the silences") { try await world.forgottenSilences() }
        try await stage.end(wasKilled: false)
        outcome.silences = await world.silenceCount
        let events = ledger.events
        outcome.verdict = ChaosVerdict(
            events, receivers: receivers.map(\.name), silenced: [ChaosWorld.silenced],
            forgotten: forgotten)
        if !outcome.verdict.violations.isEmpty { try keep(events, of: workspace) }
        return outcome
    }

    /// Leaves the daemons' logs and the list of events behind, for whoever looks for the reason.
    private func keep(_ events: [ChaosEvent], of workspace: Workspace) throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("tocsin-chaos-\(seed)")
        try? files.removeItem(at: folder)
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in try files.contentsOfDirectory(atPath: workspace.path)
        where name.hasSuffix(".err") || name.hasSuffix(".yml") {
            try files.copyItem(
                atPath: workspace.file(name), toPath: folder.appendingPathComponent(name).path)
        }
        try files.copyItem(atPath: workspace.file("storage"), toPath: folder.path + "/storage")
        let list = events.map { "\($0)\n" }.joined()
        try Data(list.utf8).write(to: folder.appendingPathComponent("events"))
        print("chaos \(seed): logs and events are in \(folder.path)")
    }

    private func end(
        _ ending: Ending, _ stage: inout Stage, _ random: inout SeededRandom
    ) async throws {
        func pause(_ range: ClosedRange<Int>) async throws {
            try await Task.sleep(
                for: .milliseconds(Int.random(in: range, using: &random)))
        }
        switch ending {
        case .starting:
            try await pause(0...400)
        case .running:
            try await stage.awaitAnswer()
            try await pause(50...2500)
        case .arrival, .answer, .accepted:
            let cause: ChaosTrigger.Cause =
                ending == .arrival ? .arrival : ending == .answer ? .answer : .accepted
            let delay = ending == .arrival ? 0 : Double.random(in: 0...0.004, using: &random)
            try await stage.killWhen(cause, delay: delay)
            return
        case .asked:
            try await stage.awaitAnswer()
            try await pause(50...800)
            try await stage.end(wasKilled: false)
            return
        case .fullDisk:
            try await stage.awaitAnswer()
            try await pause(50...300)
            try await stage.fillDisk(for: .milliseconds(Int.random(in: 300...2000, using: &random)))
            try await pause(0...200)
        }
        try await stage.end(wasKilled: true)
    }
}

/// The daemon of a chaos run, from one life to the next.
struct Stage {
    let workspace: Workspace
    let storage: String
    let port: Int
    let ledger: ChaosLedger
    let trigger: ChaosTrigger
    let disk: ChaosDisk?
    private let configure: @Sendable (Int) throws -> Void
    private(set) var process: Subprocess?
    private var run = -1

    init(
        workspace: Workspace, storage: String, port: Int, ledger: ChaosLedger,
        trigger: ChaosTrigger, disk: ChaosDisk?, configure: @escaping @Sendable (Int) throws -> Void
    ) {
        self.configure = configure
        (self.workspace, self.storage, self.port) = (workspace, storage, port)
        (self.ledger, self.trigger, self.disk) = (ledger, trigger, disk)
    }

    private var client: HTTPClient { HTTPClient(port: port) }

    mutating func begin() async throws {
        run += 1
        try configure(run)
        process = try Subprocess(
            try Program.path(),
            [
                "run", "--config.file", "tocsin.yml", "--web.listen-address", "127.0.0.1:\(port)",
            ], in: workspace, name: "daemon-\(run)")
    }

    /// Waits until it serves; it has to live.
    func awaitAnswer() async throws {
        try await eventually("the daemon answering") {
            if let end = process?.end {
                throw TimedOut("it ended: \(end)\n\(process?.logTail ?? "")")
            }
            return client.get("/-/ready")?.status == 200 ? true : nil
        }
    }

    mutating func end(wasKilled: Bool) async throws {
        trigger.disarm()
        process?.signal(wasKilled ? SIGKILL : SIGTERM)
        let end = try await process?.waitForEnd(within: .seconds(60))
        let expected: Subprocess.End = wasKilled ? .killed(signal: SIGKILL) : .exited(0)
        guard end == expected else {
            throw TimedOut("the daemon ended by itself: \(end as Any)\n\(process?.logTail ?? "")")
        }
        ledger.add(
            .ended(
                run: run, wasKilled: wasKilled,
                try ChaosSnapshot(storage: storage, scratch: workspace.file("snapshot"))))
    }

    /// Kills it when that happens, or after a while where it does not.
    mutating func killWhen(_ cause: ChaosTrigger.Cause, delay: Double) async throws {
        let process = process
        trigger.arm(cause) {
            Thread.sleep(forTimeInterval: delay)
            process?.kill()
        }
        _ = try? await process?.waitForEnd(within: .milliseconds(2500))
        try await end(wasKilled: true)
    }

    /// Lets it run without space, and waits until it has written everything down that it kept in
    /// memory meanwhile.
    func fillDisk(for time: Duration) async throws {
        guard let disk else { return }
        try disk.fill()
        try await Task.sleep(for: time)
        try disk.free()
        try await eventually("everything being written again") { () -> Bool? in
            let ready = client.get("/-/ready")
            return ready?.status == 200 && ready?.text == "Tocsin is Ready.\n" ? true : nil
        }
    }

    /// Whether nothing is owed to anybody.
    var owesNothing: Bool {
        client.get("/metrics")?.text.contains("\ntocsin_notifications_owed 0\n") ?? false
    }
}
