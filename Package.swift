// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

/// A module of ours: its sources in `Sources/NAME`, its tests in `Tests/NAMETests`.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], excluding: [String] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: dependencies, path: "Tests/" + name,
        exclude: excluding, swiftSettings: strict)
}

let collections: [Target.Dependency] = [
    .product(name: "BasicContainers", package: "swift-collections"),
    .product(name: "Collections", package: "swift-collections"),
]
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let signing: [Target.Dependency] = [
    crypto, .product(name: "_CryptoExtras", package: "swift-crypto"),
]
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(
    name: "Hummingbird", package: "hummingbird",
    // Our own module of that name is the one that our users mean.
    moduleAliases: ["Configuration": "SwiftConfiguration"])
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let lifecycle: [Target.Dependency] = [
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "tocsin",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "tocsin", targets: ["tocsin"]),
        // For the benchmarks, which are a package of their own in `Benchmarks/`.
        .library(
            name: "TocsinEngine", targets: ["Model", "Configuration", "Store", "PromQL", "Rules"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CCurlSystem", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CAresSystem", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CAres", dependencies: ["CAresSystem"]),
        .systemLibrary(
            name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        // Debian's package has no file for pkg-config.
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .target(name: "CCurl", dependencies: ["CCurlSystem"]),
        .target(
            name: "CRE2", linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),

        // A module imports only modules that stand above it.
        module("Model", ["CRE2"]),
        // Made by a program: its own checks of memory safety are none of ours.
        .target(
            name: "WireFormats",
            dependencies: [protobuf],
            exclude: ["exposition.proto", "otlp.proto", "remote_write.proto"],
            swiftSettings: [.swiftLanguageMode(.v6)]),
        module(
            "Exposition",
            ["Model", "WireFormats", protobuf]),
        module("Zones", ["Model"]),
        module("GoTemplate", ["Model", "Zones"]),
        module("Configuration", ["CYAML", "Model", "Zones", crypto]),
        module("Store", ["Model"] + collections),
        module("PromQL", ["Model", "Store"] + collections),
        module("TestScripts", ["Model", "Store", "PromQL"]),
        module("Journal", ["Model", logging]),
        module("Compression", ["CDeflate", "CSnappy", "CZlib"]),
        module("Transport", ["CCurl", "CAres", "Compression", "Model"]),
        module("HTTPClient", ["Model", "Configuration", "Transport"] + signing),
        module(
            "Scrape",
            [
                "Model", "WireFormats", "Exposition", "Configuration", "Store", "Transport",
                "HTTPClient", logging, protobuf,
            ] + nio),
        module("Rules", ["Model", "GoTemplate", "Configuration", "Store", "PromQL", logging]),
        module(
            "Notify",
            [
                "Model", "Zones", "GoTemplate", "Configuration", "Journal", "Transport",
                "HTTPClient", crypto, logging,
            ]),
        module(
            "Setup", ["Model", "Configuration", "Store", "PromQL", "Rules", "Notify"]),
        module(
            "UnitTesting",
            [
                "Model", "Configuration", "Store", "PromQL", "TestScripts", "Rules", "Setup",
                logging,
            ]),
        module(
            "Check",
            [
                "Model", "Exposition", "GoTemplate", "Configuration", "Store", "PromQL", "Scrape",
                "Rules", "Notify", "Setup",
            ]),
        module("Console", ["Model", "Configuration", "Transport", "Notify"]),
        module("Persistence", ["Model", "Store", "Journal", grdb, logging]),
        module(
            "Daemon",
            [
                "Compression", "Model", "Exposition", "GoTemplate", "Configuration", "Store",
                "PromQL", "Journal", "Transport", "Scrape", "Rules", "Notify", "Setup",
                "Persistence", logging,
            ]),
        .target(
            name: "Server",
            dependencies: [
                "Compression", "Model", "Exposition", "Zones", "Configuration", "Store", "PromQL",
                "Journal", "Scrape", "Rules", "Notify", "Setup", "Daemon", hummingbird, logging,
            ] + nio,
            // The scripts and styles of the pages.
            resources: [.embedInCode("Pages/Assets")],
            swiftSettings: strict),
        module(
            "Demo",
            ["Model", "WireFormats", "Compression", "Transport", hummingbird, logging, protobuf]
                + nio),
        .executableTarget(
            name: "tocsin",
            dependencies: [
                "Model", "Configuration", "Store", "PromQL", "TestScripts", "Transport",
                "Scrape", "Rules", "UnitTesting", "Notify", "Setup", "Check", "Console",
                "Persistence", "Daemon", "Server", "Demo", arguments, hummingbird, logging,
            ] + lifecycle,
            // What the demo runs on: links to the files that users edit, inside the program.
            resources: [.embedInCode("Shipped")],
            swiftSettings: strict),

        tests("Model", ["Model"]),
        tests(
            "Exposition",
            [
                "Model", "WireFormats", "Exposition", "TestSupport",
                protobuf,
            ]),
        tests("Zones", ["Zones"]),
        tests("GoTemplate", ["Model", "Zones", "GoTemplate", "TestSupport"]),
        tests("Configuration", ["Model", "Zones", "Configuration", "TestSupport"]),
        tests("Store", ["Model", "Store", "TestSupport"]),
        tests("PromQL", ["Model", "Store", "PromQL", "TestScripts", "TestSupport"]),
        tests("Journal", ["Model", "Journal", logging]),
        tests("Compression", ["Compression"]),
        tests("Transport", ["Model", "Transport", "TestSupport"]),
        tests(
            "HTTPClient",
            ["Model", "Configuration", "Transport", "HTTPClient", "TestSupport"] + signing),
        tests(
            "Scrape",
            [
                "Model", "WireFormats", "Exposition", "Configuration", "Store", "Transport",
                "HTTPClient", "Scrape", "TestSupport", protobuf,
            ] + signing + nio),
        tests(
            "Rules",
            ["Model", "GoTemplate", "Configuration", "Store", "PromQL", "Rules", "TestSupport"]),
        tests(
            "UnitTesting", ["Model", "Configuration", "TestScripts", "UnitTesting", "TestSupport"]),
        tests(
            "Notify",
            [
                "Model", "Zones", "GoTemplate", "Configuration", "Journal", "Transport", "Notify",
                "TestSupport",
            ],
            excluding: ["Fixtures"]),
        tests("Setup", ["Model", "Configuration", "PromQL", "Notify", "Setup"]),
        tests("Check", ["Model", "Configuration", "Rules", "Check", "TestSupport"]),
        tests(
            "Console",
            ["Model", "Configuration", "Transport", "Notify", "Console", "TestSupport"] + signing),
        tests("Persistence", ["Model", "Store", "Journal", "Persistence", grdb, "TestSupport"]),
        tests(
            "Daemon",
            [
                "Model", "Configuration", "Store", "PromQL", "Journal", "Transport", "Scrape",
                "Rules", "Notify", "Setup", "Daemon", "TestSupport", logging,
            ]),
        tests(
            "Server",
            [
                "Compression", "Model", "WireFormats", "Configuration", "Store", "PromQL",
                "Transport", "Scrape", "Rules", "Notify", "Setup", "Daemon", "Server", "Console",
                "TestSupport", protobuf,
            ]),
        // These drive the program itself, as its users do.
        .target(
            name: "TestSupport", dependencies: ["Model"], path: "Tests/Support",
            exclude: ["GoTemplates/peer.go"],
            swiftSettings: strict),
        tests("Conformance", ["Model", "TestSupport", "tocsin"]),
        tests("EndToEnd", ["Model", "Persistence", "TestSupport", "tocsin"]),
    ],
    cxxLanguageStandard: .cxx17
)
