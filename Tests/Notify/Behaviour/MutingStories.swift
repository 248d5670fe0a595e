import Testing

/// Inhibition, silences and time intervals in the middle of incidents.
@Suite struct MutingStories {
    private static func inhibiting(_ rules: String) -> String {
        """
        route: {receiver: main, group_by: [alertname], group_wait: 10s, group_interval: 1m}
        receivers: [{name: main, webhook_configs: [{url: 'http://main'}]}]
        inhibit_rules: [\(rules)]
        """
    }

    private static let usual = inhibiting(
        "{source_matchers: [severity=critical], target_matchers: ['severity=~warning|critical'], equal: [dc]}"
    )

    private func tells(
        _ script: String, until end: Int64 = 200, _ yaml: String = usual,
        start: String = "2024-01-01T12:00:00Z"
    ) async throws -> [String] {
        try await Story(yaml, script, start: start).tells(until: end)
    }

    @Test func theTargetIsToldWhenItsSourceIsOver() async throws {
        #expect(
            try await tells(
                "0s fire S severity=critical dc=1\n0s fire T severity=warning dc=1\n30s resolve S severity=critical dc=1"
            )
                == ["10s main: firing S", "70s main: resolved S", "70s main: firing T"])
    }

    @Test func onlyEqualLabelsInhibit() async throws {
        #expect(
            try await tells("0s fire S severity=critical dc=1\n0s fire T severity=warning dc=2")
                == ["10s main: firing S", "10s main: firing T"])
    }

    @Test func aLabelMissingOnBothSidesIsEqual() async throws {
        #expect(
            try await tells("0s fire S severity=critical\n0s fire T severity=warning")
                == ["10s main: firing S"])
    }

    @Test func aLabelMissingOnOneSideIsNot() async throws {
        #expect(
            try await tells("0s fire S severity=critical\n0s fire T severity=warning dc=1")
                == ["10s main: firing S", "10s main: firing T"])
    }

    @Test func aSilencedSourceInhibits() async throws {
        #expect(
            try await tells(
                "0s silence s alertname=S until 1000s\n0s fire S severity=critical\n0s fire T severity=warning"
            )
                == [])
    }

    @Test func anInhibitedSourceInhibits() async throws {
        let chain = Self.inhibiting(
            "{source_matchers: [alertname=A], target_matchers: [alertname=B]}, {source_matchers: [alertname=B], target_matchers: [alertname=C]}"
        )
        #expect(
            try await tells("0s fire A\n0s fire B\n0s fire C", chain) == ["10s main: firing A"])
    }

    @Test func aCycleMutesAllOfIt() async throws {
        let cycle = Self.inhibiting(
            "{source_matchers: [alertname=A], target_matchers: [alertname=B]}, {source_matchers: [alertname=B], target_matchers: [alertname=A]}"
        )
        #expect(
            try await tells("0s fire A\n0s fire B\n80s resolve B", cycle)
                == ["130s main: firing A"])
    }

    @Test func alertsThatAreBothSourceAndTargetLeaveEachOtherAlone() async throws {
        #expect(
            try await tells(
                "0s fire S severity=critical dc=1\n0s fire U severity=critical dc=1\n0s fire T severity=warning dc=1"
            )
                == ["10s main: firing S", "10s main: firing U"])
    }

    /// Newer Alertmanagers look at one source of a rule and equal labels only (`docs/differences.md`).
    @Test func aSourceOnOneSideInhibitsBesideOneOnBoth() async throws {
        let mixed = Self.inhibiting(
            "{source_matchers: [kind=x], target_matchers: [severity=critical]}")
        #expect(
            try await tells(
                "0s fire A kind=x\n0s fire B kind=x severity=critical\n0s fire C kind=x severity=critical",
                mixed)
                == ["10s main: firing A"])
    }

    @Test func anEndUnderInhibitionIsNotTold() async throws {
        #expect(
            try await tells(
                "0s fire T severity=warning\n20s fire S severity=critical\n30s resolve T severity=warning"
            )
                == ["10s main: firing T", "30s main: firing S"])
    }

    // MARK: Silences

    @Test func silencesBeginAndEndMidway() async throws {
        #expect(
            try await tells(
                "0s fire A\n0s silence s alertname=A until 60s\n80s fire A host=2\n100s silence t host=2 until 1000s\n150s expire t",
                until: 400)
                == ["70s main: firing A", "190s main: firing A A"])
    }

    // MARK: Hours

    private static func hours(_ route: String, _ interval: String) -> String {
        """
        route:
          receiver: main
          group_wait: 10s
          group_interval: 1m
          repeat_interval: 4h
          routes: [{matchers: ['alertname!=""'], \(route): [it]}]
        receivers: [{name: main, webhook_configs: [{url: 'http://main'}]}]
        time_intervals: [{name: it, time_intervals: [\(interval)]}]
        """
    }

    @Test func nobodyIsToldInTheMuteInterval() async throws {
        let yaml = Self.hours(
            "mute_time_intervals", "{times: [{start_time: '12:00', end_time: '12:03'}]}")
        #expect(try await tells("0s fire A", until: 600, yaml) == ["190s main: firing A"])
        // What ends in it is never told.
        #expect(try await tells("0s fire A\n100s resolve A", until: 600, yaml) == [])
    }

    @Test func somebodyIsToldInTheActiveIntervalOnly() async throws {
        let yaml = Self.hours(
            "active_time_intervals", "{times: [{start_time: '12:02', end_time: '12:03'}]}")
        #expect(
            try await tells("0s fire A\n181s fire B", until: 600, yaml) == ["130s main: firing A"])
    }

    @Test func theEndOfTheDayIsMidnight() async throws {
        let yaml = Self.hours(
            "mute_time_intervals", "{times: [{start_time: '23:00', end_time: '24:00'}]}")
        #expect(
            try await tells("0s fire A", until: 600, yaml, start: "2024-01-01T23:58:00Z")
                == ["130s main: firing A"])
    }

    private static let intervals: [(interval: String, muted: [String], spoken: [String])] = [
        // Summer time in Berlin began 2024-03-31T01:00:00Z, at two o'clock.
        (
            "{location: Europe/Berlin, times: [{start_time: '03:00', end_time: '04:00'}]}",
            ["2024-03-30T02:30:00Z", "2024-03-31T01:00:00Z", "2024-03-31T01:59:00Z"],
            ["2024-03-30T01:30:00Z", "2024-03-31T00:59:00Z", "2024-03-31T02:00:00Z"]
        ),
        // And ended 2024-10-27T01:00:00Z: the hour from two to three came twice.
        (
            "{location: Europe/Berlin, times: [{start_time: '02:00', end_time: '03:00'}]}",
            ["2024-10-27T00:00:00Z", "2024-10-27T01:30:00Z"],
            ["2024-10-26T23:59:00Z", "2024-10-27T02:00:00Z"]
        ),
        (
            "{location: America/New_York, weekdays: [saturday, sunday]}",
            ["2024-01-06T05:00:00Z", "2024-01-08T04:59:00Z"],
            ["2024-01-06T04:59:00Z", "2024-01-08T05:00:00Z"]
        ),
        (
            "{days_of_month: ['-1']}", ["2024-02-29T00:00:00Z", "2023-02-28T12:00:00Z"],
            ["2024-02-28T12:00:00Z", "2024-03-01T00:00:00Z"]
        ),
        (
            "{days_of_month: ['-3:-1']}", ["2024-04-28T00:00:00Z", "2024-04-30T23:59:00Z"],
            ["2024-04-27T23:59:00Z", "2024-05-01T00:00:00Z"]
        ),
        (
            "{days_of_month: ['29:31']}", ["2024-02-29T00:00:00Z", "2024-01-31T00:00:00Z"],
            ["2023-02-28T00:00:00Z", "2024-03-01T00:00:00Z"]
        ),
        (
            "{months: ['march:april', 12]}", ["2024-03-01T00:00:00Z", "2024-12-31T23:59:00Z"],
            ["2024-02-29T23:59:00Z", "2025-01-01T00:00:00Z"]
        ),
        (
            "{years: ['2024:2025']}", ["2024-01-01T00:00:00Z", "2025-12-31T23:59:00Z"],
            ["2023-12-31T23:59:00Z", "2026-01-01T00:00:00Z"]
        ),
    ]

    @Test(arguments: intervals)
    func calendarsDecide(interval: String, muted: [String], spoken: [String]) async throws {
        let yaml = Self.hours("mute_time_intervals", interval)
        for start in muted {
            // Told since long, so that it does not wait: this very moment counts.
            let told = try await tells("0s fire A since=-60s", until: 0, yaml, start: start)
            #expect(told == [], "\(start)")
        }
        for start in spoken {
            let told = try await tells("0s fire A since=-60s", until: 0, yaml, start: start)
            #expect(told == ["0s main: firing A"], "\(start)")
        }
    }
}
