import Foundation

/// A program under test: started, watched through the system and its `/metrics`, and stopped.
final class Contender {
    let name: String
    let port: UInt16
    private let process = Process()
    private let durations: Durations?

    /// The metrics of its own that say how long groups of rules took, and how often.
    private struct Durations {
        var sum: String
        var count: String
    }

    /// What the system and the program itself say at one moment.
    struct Reading {
        var moment = ContinuousClock.now
        /// Seconds of processor time since its start.
        var cpu: Double
        var residentMegabytes: Double
        /// Seconds spent on evaluating groups, and how many evaluations.
        var evaluationSeconds: Double
        var evaluations: Double
    }

    private init(
        name: String, port: UInt16, program: String, arguments: [String], log: URL,
        durations: Durations?
    ) throws {
        self.name = name
        self.port = port
        self.durations = durations
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    static func prometheus(
        _ program: String, config: URL, folder: URL, port: UInt16 = 9691,
        flags: [String] = []
    ) throws -> Contender {
        try Contender(
            name: "Prometheus", port: port, program: program,
            arguments: [
                "--config.file=\(config.path)",
                "--storage.tsdb.path=\(folder.appendingPathComponent("prometheus").path)",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ] + flags, log: folder.appendingPathComponent("prometheus.log"),
            durations: Durations(
                sum: "prometheus_rule_group_duration_seconds_sum",
                count: "prometheus_rule_group_duration_seconds_count"))
    }

    /// One of its own, without a cluster.
    static func alertmanager(
        _ program: String, config: URL, folder: URL, port: UInt16 = 9693
    ) throws -> Contender {
        try Contender(
            name: "Alertmanager", port: port, program: program,
            arguments: [
                "--config.file=\(config.path)",
                "--storage.path=\(folder.appendingPathComponent("alertmanager").path)",
                "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
                "--log.level=warn",
            ], log: folder.appendingPathComponent("alertmanager.log"), durations: nil)
    }

    static func tocsin(
        _ program: String, config: URL, folder: URL, port: UInt16 = 9690
    ) throws -> Contender {
        try Contender(
            name: "Tocsin", port: port, program: program,
            arguments: [
                "run", "--config.file", config.path, "--web.listen-address", "127.0.0.1:\(port)",
                "--storage.path", folder.appendingPathComponent("tocsin").path,
            ], log: folder.appendingPathComponent("tocsin.log"),
            durations: Durations(
                sum: "tocsin_alert_evaluation_duration_seconds_sum",
                count: "tocsin_alert_evaluation_duration_seconds_count"))
    }

    /// Waits until it answers.
    func awaitStart() throws {
        for _ in 0..<300 {
            if (try? HTTP.get("/metrics", port: port)) != nil { return }
            if !process.isRunning { break }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw HTTP.Failure(description: "\(name) does not answer")
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Its processor time in seconds, user and system.
    var cpu: Double {
        let stat = (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)) ?? ""
        // The name, in parentheses, may hold spaces.
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        let fields = stat[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return 0 }
        return (user + system) / 100
    }

    var residentMegabytes: Double { status("VmRSS:") }

    /// The most that it ever had.
    var peakMegabytes: Double { status("VmHWM:") }

    private func status(_ name: String) -> Double {
        let status = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
            ?? 0
    }

    private var pid: Int32 { process.processIdentifier }

    func read() throws -> Reading {
        let text = String(decoding: try HTTP.get("/metrics", port: port), as: UTF8.self)
        func value(_ metric: String?) -> Double {
            guard let metric else { return 0 }
            return text.split(separator: "\n").filter {
                $0.hasPrefix(metric + " ") || $0.hasPrefix(metric + "{")
            }.reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
        }
        return Reading(
            cpu: cpu, residentMegabytes: residentMegabytes,
            evaluationSeconds: value(durations?.sum), evaluations: value(durations?.count))
    }
}

/// What a contender used in an interval.
struct Usage {
    var cpuPerMinute: Double
    var residentMegabytes: Double
    var evaluationMilliseconds: Double
    var evaluations: Double

    init(_ a: Contender.Reading, _ b: Contender.Reading) {
        let minutes = (b.moment - a.moment) / .seconds(60)
        cpuPerMinute = (b.cpu - a.cpu) / minutes
        residentMegabytes = b.residentMegabytes
        evaluations = b.evaluations - a.evaluations
        evaluationMilliseconds = (b.evaluationSeconds - a.evaluationSeconds) / evaluations * 1e3
    }
}

/// Both programs in turn over one configuration.
struct SideBySide {
    let tocsin: String?
    let prometheus: String?
    let config: URL
    let folder: URL
    /// Seconds until the windows are full, and seconds that are measured then.
    let warm: Int
    let measure: Int

    func run() throws -> String {
        var usages: [(name: String, usage: Usage)] = []
        if let prometheus {
            usages.append(
                try watch(try .prometheus(prometheus, config: config, folder: folder)))
        }
        if let tocsin {
            usages.append(try watch(try .tocsin(tocsin, config: config, folder: folder)))
        }
        var table = Table(
            "", "group evaluation ms", "evaluations", "CPU s per minute", "resident MB")
        for (name, usage) in usages {
            table.add(
                name, usage.evaluationMilliseconds.text(2), usage.evaluations.text(0),
                usage.cpuPerMinute.text(2), usage.residentMegabytes.text(0))
        }
        if usages.count == 2 {
            let (theirs, ours) = (usages[0].usage, usages[1].usage)
            table.add(
                "Prometheus : Tocsin",
                (theirs.evaluationMilliseconds / ours.evaluationMilliseconds).text(1), "",
                (theirs.cpuPerMinute / ours.cpuPerMinute).text(1),
                (theirs.residentMegabytes / ours.residentMegabytes).text(1))
        }
        return table.text
    }

    private func watch(_ contender: Contender) throws -> (String, Usage) {
        defer { contender.stop() }
        try contender.awaitStart()
        print("\(contender.name) runs; \(warm) s until its windows are full")
        Thread.sleep(forTimeInterval: Double(warm))
        let before = try contender.read()
        Thread.sleep(forTimeInterval: Double(measure))
        return (contender.name, Usage(before, try contender.read()))
    }

    /// A folder of its own for a run's files.
    static func scratch() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tocsin-bench-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
