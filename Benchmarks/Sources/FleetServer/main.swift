import Fleet
import Foundation

// fleet [TARGETS [SERIES-PER-TARGET [PORT]]]

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let shape = FleetShape(
    targets: numbers.first ?? 100,
    seriesPerTarget: numbers.count > 1 ? numbers[1] : 10_000)
let port = UInt16(clamping: numbers.count > 2 ? numbers[2] : 9600)
let server = FleetServer(shape, port: port)
try server.run()
print(
    "\(shape.targets) targets at 127.0.0.1:\(port), 127.0.0.2:\(port)…: \(server.seriesCount) series, "
        + "of which the guide's rules read \(shape.seriesReadByRules)")
while true { Thread.sleep(forTimeInterval: 3600) }
