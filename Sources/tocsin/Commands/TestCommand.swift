import ArgumentParser
import Foundation
import Model
import UnitTesting
import TestScripts

/// `tocsin test`: rule unit tests and PromQL test scripts.
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs unit tests of rules, and PromQL test scripts.",
        discussion: "Files that end in .test are scripts; others are rule unit tests as promtool "
            + "reads them. Of a folder it runs all of both. Ends with status 1 if anything fails.")

    @Argument(help: "Files and folders.")
    var paths: [String]

    @Option(
        name: .customLong("run"),
        help: "Of rule unit tests, only those whose name matches; may be repeated.")
    var names: [String] = []

    @Option(help: "A file to write the report to, as XML for continuous integration.")
    var junit: String?

    @Flag(
        name: .customLong("ignore-unknown-fields"),
        help: "Lets keys pass that nobody knows, in tests and in rule files.")
    var ignoresUnknownKeys = false

    @OptionGroup var features: FeatureOptions

    func run() throws {
        features.warn()
        var options = TestRunner.Options()
        options.features = features.names
        options.ignoresUnknownKeys = ignoresUnknownKeys
        if !names.isEmpty {
            do { options.names = try LinearRegex(names.joined(separator: "|")) } catch {
                throw Failure("--run: \(error)")
            }
        }
        let (files, problems) = TestRunner.find(paths)
        if !problems.isEmpty {
            throw Failure(problems.map(\.description).joined(separator: "\n"))
        }
        let tests = TestRunner(options)
        var report = TestReport()
        for file in files {
            report.files.append(tests.run(file))
            for line in report.files.suffix(1).flatMap({ ReportText.lines($0) }) { print(line) }
        }
        print(ReportText.total(report))
        if let junit { try write(JUnit.document(report), to: junit) }
        if report.failed > 0 { throw ExitCode.failure }
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure("--junit: \(path): \(error.localizedDescription)")
        }
    }
}
