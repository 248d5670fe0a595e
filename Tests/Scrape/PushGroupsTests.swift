import Configuration
import Exposition
import Model
import Scrape
import Store
import Testing

@Suite("Pushed groups")
struct PushGroupsTests {
    private let key = GroupingKey(Labels(["job": "batch"]))
    private let other = GroupingKey(Labels(["job": "batch", "b": "c"]))
    private let time = Timestamp(milliseconds: 1_000_000)

    private func groups(_ change: (inout PushSettings) -> Void = { _ in }) -> PushGroups {
        var settings = PushSettings()
        change(&settings)
        return PushGroups(settings)
    }

    private func push(
        _ groups: inout PushGroups, _ text: String, to key: GroupingKey? = nil,
        replaces: Bool = false
    ) -> PushRefusal? {
        groups.push(Array(text.utf8), to: key ?? self.key, replaces: replaces, at: time).refusal
    }

    @Test("POST replaces families of the same name, PUT all of them")
    func postAndPut() {
        var groups = groups()
        #expect(push(&groups, "a 1\nb 2\n") == nil)
        #expect(push(&groups, "b{x=\"1\"} 3\n") == nil)
        #expect(groups.groups[0].families.map(\.name) == ["a", "b"])
        #expect(groups.seriesCount == 2)
        #expect(push(&groups, "", replaces: true) == nil)
        #expect(groups.groups[0].families.isEmpty && groups.groups[0].pushTime == time)
    }

    @Test("Timestamps, repeated series and other types are refused, and the group says so")
    func inconsistent() {
        var groups = groups()
        #expect(push(&groups, "# TYPE a counter\na 1\n") == nil)
        #expect(
            push(&groups, "z 1 1000\n") == .inconsistent("pushed metrics must not have timestamps"))
        #expect(
            push(&groups, "z{job=\"x\"} 1\nz{job=\"y\"} 2\n")
                == .inconsistent(
                    #"collected metric "z" { label:<name:"instance" value:"" > "#
                        + #"label:<name:"job" value:"batch" > untyped:<value:2 > } "#
                        + "was collected before with the same name and label values"))
        guard case .inconsistent(let text) = push(&groups, "# TYPE a gauge\na 1\n", to: other)
        else {
            Issue.record("another type was taken")
            return
        }
        #expect(text.hasSuffix("is not a COUNTER"))
        #expect(groups.groups.map(\.failureTime) == [time, time])
        #expect(groups.groups.map(\.lastPushSucceeded).contains(false))
        // Alone the type is free to change.
        #expect(push(&groups, "# TYPE a gauge\na 1\n") == nil)
    }

    @Test("A series of another group is not taken")
    func otherGroupsSeries() {
        var groups = groups()
        #expect(push(&groups, "a 1\n", to: other) == nil)
        guard case .inconsistent = push(&groups, "a{b=\"c\"} 1\n") else {
            Issue.record("the series is in two groups")
            return
        }
        _ = groups.delete(other)
        #expect(push(&groups, "a{b=\"c\"} 1\n") == nil)
    }

    @Test("Each limit has an error that names it")
    func limits() {
        var few = groups { $0.maximumGroups = 1 }
        _ = push(&few, "a 1\n")
        #expect("\(String(describing: push(&few, "a 1\n", to: other)))".contains("push.max_groups"))
        var own = groups { $0.maximumSeriesPerGroup = 2 }
        let refusal = push(&own, "a 1\nb 1\nc 1\n")
        #expect("\(String(describing: refusal))".contains("push.max_series_per_group"))
        #expect(push(&own, "a 1\nb 1\n") == nil)
        #expect(push(&own, "c 1\n") != nil)
        var all = groups { $0.maximumSeries = 1 }
        _ = push(&all, "a 1\n")
        #expect("\(String(describing: push(&all, "a 1\n", to: other)))".contains("push.max_series"))
        var small = groups { $0.maximumSize = 10 }
        #expect("\(String(describing: push(&small, "abcdef 1\n")))".contains("push.max_size"))
        var short = groups { $0.maximumLabelValueLength = 3 }
        #expect(
            "\(String(describing: push(&short, "a{b=\"cdef\"} 1\n", to: GroupingKey(Labels(["job": "x"])))))"
                .contains("label_value_length_limit exceeded"))
    }

    @Test("Groups that are not heard of end")
    func expiry() {
        var groups = groups { $0.expireAfter = .minutes(1) }
        _ = push(&groups, "a 1\n")
        #expect(groups.expire(at: time + .seconds(59)).isEmpty)
        #expect(groups.expire(at: time + .seconds(60)).map(\.key) == [key.id])
        #expect(groups.groups.isEmpty && groups.seriesCount == 0)
    }

    @Test("The rows bring every group back")
    func rows() throws {
        var groups = groups()
        var rows: [String: [UInt8]] = [:]
        let text =
            "# HELP a Help.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum NaN\na_count 1\n"
        for (key, text) in [(key, text), (other, "b{instance=\"\"} -Inf\n")] {
            for change in groups.push(Array(text.utf8), to: key, replaces: true, at: time).changes {
                rows[change.key] = change.value
            }
        }
        var problems: [String] = []
        let restored = PushGroups(PushSettings(), rows: rows, problems: &problems)
        #expect(restored.groups == groups.groups)
        #expect(restored.seriesCount == groups.seriesCount && problems.isEmpty)
        rows["odd"] = Array("{".utf8)
        _ = PushGroups(PushSettings(), rows: rows, problems: &problems)
        #expect(problems.count == 1)
    }

    @Test(
        "Paths name groups as in Pushgateway",
        arguments: [
            ("/metrics/job/a", ["job": "a"]), ("/metrics/job/a/", ["job": "a"]),
            ("/metrics/job@base64/L3Zhcg==", ["job": "/var"]),
            ("/metrics/job/a/path@base64/L3Zhci90bXA", ["job": "a", "path": "/var/tmp"]),
            ("/metrics/job/a/x@base64/=", ["job": "a", "x": ""]),
            ("/metrics/job/a/x//job/b", ["job": "a", "x": ""]),
        ])
    func paths(_ path: String, _ labels: [String: String]) throws {
        #expect(try GroupingKey.of(path: path)?.labels.dictionary == labels)
    }

    @Test(
        "Paths that name none say why",
        arguments: [
            ("/metrics/job@base64/=", "job name is required"),
            (
                "/metrics/job/a/b@base64/c!",
                "invalid base64 encoding for label b=\"c!\": illegal base64 data at input byte 1"
            ),
            ("/metrics/job/a/b", "odd number of components in label string \"/b\""),
            ("/metrics/job/a/__b/c", "improper label name \"__b\""),
            ("/metrics/job/a/b-c/c", "improper label name \"b-c\""),
        ])
    func badPaths(_ path: String, _ message: String) {
        let error = #expect(throws: GroupingKey.PathError.self) {
            try GroupingKey.of(path: path)
        }
        #expect(error?.description == message)
    }
}
