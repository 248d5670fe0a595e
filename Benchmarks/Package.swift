// swift-tools-version: 6.2
import PackageDescription

// The benchmarks, apart from the program: neither `swift build` nor `make test` of the root sees them.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "tocsin", path: "..")],
    targets: [
        // What the fleet exposes, and how it is served.
        .target(name: "Fleet", swiftSettings: strict),
        .executableTarget(
            name: "fleet-server", dependencies: ["Fleet"], path: "Sources/FleetServer",
            swiftSettings: strict),
        // Counts allocations.
        .target(name: "CAllocations"),
        .executableTarget(
            name: "bench",
            dependencies: [
                "CAllocations", "Fleet", .product(name: "TocsinEngine", package: "tocsin"),
            ],
            path: "Sources/Bench", swiftSettings: strict),
    ]
)
