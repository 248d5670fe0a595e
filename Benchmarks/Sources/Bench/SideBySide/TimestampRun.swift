import Fleet
import Foundation

/// The same fleet without times, with times that series of a container share, and with a time for each
/// series: what a sample's own time costs in memory, processor time and on disk.
struct TimestampRun {
    let arguments: Arguments
    private static let port: UInt16 = 9610

    init(_ arguments: Arguments) { self.arguments = arguments }

    private struct Cost {
        var resident: Double
        var cpu: Double
        var disk: Double
    }

    func run() throws {
        guard let tocsin = arguments.string("tocsin") else {
            throw HTTP.Failure(description: "--tocsin is missing")
        }
        var table = Table("times", "resident MB", "CPU s", "disk MB")
        var plain: Cost?
        for (index, (name, perTime)) in [("none", 0), ("of 100 series", 100), ("each", 1)]
            .enumerated()
        {
            let cost = try cost(tocsin, perTime: perTime, port: Self.port + UInt16(index))
            table.add(name, cost.resident.text(0), cost.cpu.text(2), cost.disk.text(1))
            guard let plain else {
                plain = cost
                continue
            }
            table.add(
                "  : none", (cost.resident / plain.resident).text(2),
                (cost.cpu / plain.cpu).text(2),
                (cost.disk / plain.disk).text(2))
        }
        print(table.text)
    }

    private func cost(_ tocsin: String, perTime: Int, port: UInt16) throws -> Cost {
        let shape = FleetShape(
            targets: arguments.int("targets", 5), seriesPerTarget: arguments.int("series", 10_000),
            seriesPerTime: perTime)
        let folder = try SideBySide.scratch()
        defer { try? FileManager.default.removeItem(at: folder) }
        let config = folder.appendingPathComponent("prometheus.yml")
        let targets = (0..<shape.targets).map { "127.0.0.\(1 + $0):\(port)" }
        try SideBySide.configuration(jobs: [("cadvisor", targets)])
            .write(to: config, atomically: true, encoding: .utf8)
        try FleetServer(shape, port: port).run()
        let contender = try Contender.tocsin(tocsin, config: config, folder: folder)
        defer { contender.stop() }
        try contender.awaitStart()
        Thread.sleep(forTimeInterval: Double(arguments.int("measure", 120)))
        return Cost(
            resident: contender.residentMegabytes, cpu: contender.cpu,
            disk: Self.megabytes(folder.appendingPathComponent("tocsin")))
    }

    /// What the files of a folder take.
    private static func megabytes(_ folder: URL) -> Double {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.reduce(0) { sum, name in
            let path = folder.appendingPathComponent(name).path
            let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            return sum + Double(size ?? 0) / 1e6
        }
    }
}
