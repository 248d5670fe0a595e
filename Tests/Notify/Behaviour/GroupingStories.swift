import Testing

/// Waits, intervals, repeats and the ends of alerts, as Alertmanager 0.32 has them.
@Suite struct GroupingStories {
    /// `group_wait` 30 s, `group_interval` 5 min, `repeat_interval` 4 h.
    static let plain = """
        route: {receiver: main, group_by: [dc], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
        receivers: [{name: main, webhook_configs: [{url: 'http://main'}]}]
        """

    private func tells(_ script: String, until end: Int64, _ yaml: String = plain) async throws
        -> [String]
    {
        try await Story(yaml, script).tells(until: end)
    }

    @Test func groupWaitGathers() async throws {
        #expect(
            try await tells("0s fire A\n10s fire B\n29s fire C", until: 300)
                == ["30s main: firing A B C"])
    }

    @Test func groupIntervalBringsTheNewcomers() async throws {
        #expect(
            try await tells("0s fire A\n31s fire B\n100s fire C\n329s fire D", until: 900)
                == ["30s main: firing A", "330s main: firing A B C D"])
    }

    @Test func aNewGroupOfTheSameRouteHasItsOwnWait() async throws {
        #expect(
            try await tells("0s fire A dc=1\n100s fire B dc=2", until: 400)
                == ["30s main: firing A", "130s main: firing B"])
    }

    @Test func anAlertThatBeganLongAgoDoesNotWait() async throws {
        #expect(try await tells("5s fire A since=-60s", until: 300) == ["5s main: firing A"])
    }

    @Test func repeatsAtTheTickAfterTheRepeatInterval() async throws {
        let yaml = Self.plain.replacing("4h", with: "7m")
        // 7 min after 30 s is 450 s; the ticks are at 330, 630, 930, …
        #expect(
            try await tells("0s fire A", until: 1300, yaml)
                == ["30s main: firing A", "630s main: firing A", "1230s main: firing A"])
    }

    @Test func aRepeatIntervalOfExactlyTwoTicksComesWithTheThird() async throws {
        let yaml = Self.plain.replacing("4h", with: "10m")
        #expect(
            try await tells("0s fire A", until: 1900, yaml)
                == ["30s main: firing A", "930s main: firing A", "1830s main: firing A"])
    }

    @Test func anUpdateStartsTheRepeatIntervalAnew() async throws {
        let yaml = Self.plain.replacing("4h", with: "7m")
        #expect(
            try await tells("0s fire A\n100s fire B", until: 1000, yaml)
                == ["30s main: firing A", "330s main: firing A B", "930s main: firing A B"])
    }

    // MARK: Ends

    @Test func endsWithinTheWaitAreNotTold() async throws {
        #expect(try await tells("0s fire A\n20s resolve A", until: 1000) == [])
    }

    @Test func endsWithinTheWaitAreToldBesideAFiringAlert() async throws {
        #expect(
            try await tells("0s fire A\n0s fire B\n20s resolve A", until: 1000)
                == ["30s main: firing B, resolved A"])
    }

    @Test func anEndIsToldOnce() async throws {
        #expect(
            try await tells("0s fire A\n0s fire B\n60s resolve A\n700s fire C", until: 2000)
                == [
                    "30s main: firing A B", "330s main: firing B, resolved A",
                    "930s main: firing B C",
                ])
    }

    @Test func flappingWithinAnIntervalIsNoNews() async throws {
        #expect(
            try await tells(
                "0s fire A\n60s resolve A\n120s fire A\n180s resolve A\n240s fire A", until: 2000)
                == ["30s main: firing A"])
    }

    @Test func flappingOverIntervalsIsToldEachTime() async throws {
        #expect(
            try await tells(
                "0s fire A\n60s resolve A\n400s fire A\n500s resolve A\n800s fire A", until: 1200)
                == [
                    "30s main: firing A", "330s main: resolved A", "430s main: firing A",
                    "730s main: resolved A", "830s main: firing A",
                ])
    }

    @Test func anEmptiedGroupWaitsAnew() async throws {
        #expect(
            try await tells("0s fire A\n60s resolve A\n380s fire B", until: 1000)
                == [
                    "30s main: firing A", "330s main: resolved A", "410s main: firing B",
                ])
    }

    @Test func sendResolvedFalseHearsOfNoEnd() async throws {
        let yaml = Self.plain.replacing(
            "'http://main'", with: "'http://main', send_resolved: false")
        #expect(
            try await tells(
                "0s fire A\n0s fire B\n60s resolve A\n400s resolve B\n1000s fire A", until: 1500,
                yaml)
                == ["30s main: firing A B", "1030s main: firing A"])
    }

    // MARK: What alerts say

    @Test func aChangedAnnotationIsNoNewsAndIsToldWithTheNext() async throws {
        let told = try await Story(Self.plain, "0s fire A note=1\n60s fire A note=2\n400s fire B")
            .told(until: 1000)
        #expect(told.map(\.words) == ["firing A", "firing A B"])
        #expect(told.map { $0.data.alerts.first?.annotations.value("note") } == ["1", "2"])
    }

    @Test func theEarliestStartIsKept() async throws {
        let story = try Story(Self.plain, "0s fire A\n60s fire A since=50s\n400s fire B")
        let told = try await story.told(until: 1000)
        let starts = told.map { $0.data.alerts.first?.startsAt }
        #expect(starts == [story.start, story.start])
    }

    // MARK: Restarts

    /// Wherever the story is cut by restarts, the same is told.
    @Test func restartsAreNotHeard() async throws {
        let yaml = """
            route:
              receiver: main
              group_by: [dc]
              group_wait: 30s
              group_interval: 5m
              repeat_interval: 20m
              routes:
              - {receiver: both, continue: true, matchers: ['dc="1"'], group_by: ['...']}
            receivers:
            - {name: main, webhook_configs: [{url: 'http://main'}]}
            - name: both
              webhook_configs: [{url: 'http://a', send_resolved: false}, {url: 'http://b'}]
            inhibit_rules: [{source_matchers: [alertname="C"], target_matchers: [alertname="A"], equal: [dc]}]
            """
        var compared = 0
        for seed in 0..<20 as Range<UInt64> {
            var random = Generator(state: seed)
            var lines: [String] = []
            var now = 0
            for _ in 0..<40 {
                now += random.next(under: 150)
                let alert = "\(["A", "B", "C"][random.next(under: 3)]) dc=\(random.next(under: 2))"
                switch random.next(under: 9) {
                case 0..<4: lines.append("\(now)s fire \(alert)")
                case 4..<7: lines.append("\(now)s resolve \(alert)")
                case 7: lines.append("\(now)s \(["break", "mend"][random.next(under: 2)]) main")
                default: lines.append("\(now)s silence s\(now) alertname=B until \(now + 700)s")
                }
            }
            lines.append("\(now)s mend main")
            let story = try Story(yaml, lines.joined(separator: "\n"))
            let end = Int64(now) + 5000
            let whole = try await story.tells(until: end)
            let cuts = (0..<12).map { _ in Int64(random.next(under: Int(end))) }
            #expect(try await story.tells(until: end, restartingAt: cuts) == whole, "seed \(seed)")
            compared += whole.count
        }
        #expect(compared > 300)
    }
}
