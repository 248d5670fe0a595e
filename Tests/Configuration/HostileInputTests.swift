import Configuration
import Foundation
import Model
import Testing

/// Damaged files are errors, never a crash.
struct HostileInputTests {
    private static let sample = """
        global: {scrape_interval: 15s, external_labels: {a: "${HOME}$", b: $}}
        rule_files: ["a/*.yml"]
        groups: [{name: a, rules: [{alert: b, expr: c, for: 5m, labels: {x: y}}]}]
        scrape_configs:
          - job_name: j
            body_size_limit: 10MB
            sample_limit: 0x10
            params: {a: [b]}
            static_configs: [{targets: ["h:1"], labels: {c: d}}]
            relabel_configs: [{source_labels: [a], regex: "(.*)", target_label: "${1}"}]
            authorization: {credentials: s}
        route: {receiver: r, group_by: ['...'], matchers: ['a=~"b|c"'], routes: [{match: {a: b}}]}
        time_intervals: [{name: t, time_intervals: [{weekdays: ['monday:friday'], days_of_month:
          ['-3:-1'], times: [{start_time: '09:00', end_time: '24:00'}], months: [may], years:
          ['2020:2021']}]}]
        receivers:
          - name: r
            slack_configs: [{api_url: 'http://h/', fields: [{title: t, value: v}], timeout: 1.5h}]
            email_configs: [{to: a, from: b, smarthost: '[::1]:25', headers: {x-y: z}}]
        """

    private func read(_ bytes: [UInt8]) -> Int {
        TocsinConfiguration.load(text: bytes, path: "f", files: .memory([:])).problems.count
            + NotifierConfiguration.load(text: bytes, path: "f").problems.count
            + RuleFile.load(text: bytes, path: "f").problems.count
            + TargetGroup.load(text: bytes, path: "f").problems.count
    }

    @Test func everyPrefix() {
        let bytes = Array(Self.sample.utf8)
        for end in stride(from: 0, through: bytes.count, by: 7) { _ = read(Array(bytes[..<end])) }
        #expect(read(bytes) > 0)
    }

    @Test func changedBytes() {
        let bytes = Array(Self.sample.utf8)
        let spice =
            Array("\0\n\t :-[]{}'\"&*!|>%@`~#,?0129eE+._$\\\u{7f}".utf8) + [0xff, 0xc3, 0xed]
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var refused = 0
        for _ in 0..<600 {
            var copy = bytes
            for _ in 0...next(4) { copy[next(copy.count)] = spice[next(spice.count)] }
            refused += read(copy) > 0 ? 1 : 0
        }
        #expect(refused == 600)
    }
}
