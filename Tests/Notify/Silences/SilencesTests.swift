import Model
import Notify
import Testing

/// Alertmanager's rules for silences themselves.
@Suite struct SilencesTests {
    /// Silences whose identifiers are "1", "2", ….
    private struct Shelf {
        var silences: Silences
        private var made = 0

        init(limits: Silences.Limits = Silences.Limits()) { silences = Silences(limits: limits) }

        @discardableResult
        mutating func set(_ request: SilenceRequest, at second: Int64) throws(SilenceError)
            -> String
        {
            let id = try silences.set(request, newID: "\(made + 1)", at: Bench.time(second)).id
            if let number = Int(id), number > made { made = number }
            return id
        }

        func states(at second: Int64) -> [String] {
            silences.list(at: Bench.time(second)).map {
                "\($0.id) \($0.state(at: Bench.time(second)).rawValue)"
            }
        }
    }

    // MARK: Making

    @Test func aSilenceIsPendingThenActiveThenExpired() throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", from: 10, to: 20), at: 0)
        #expect(shelf.states(at: 9) == ["1 pending"])
        #expect(shelf.states(at: 10) == ["1 active"])
        #expect(shelf.states(at: 19) == ["1 active"])
        #expect(shelf.states(at: 20) == ["1 expired"])
    }

    @Test func itSaysWhatWasAskedFor() throws {
        var shelf = Shelf()
        var request = SilenceRequest.equal("instance", "ü\"\n", to: 20)
        request.matchers.append(
            SilenceMatcher(name: "a", value: "x|y", isRegex: true, isEqual: false))
        request.annotations = ["ticket": "7"]
        try shelf.set(request, at: 5)
        let silence = try #require(shelf.silences["1"])
        #expect(silence.startsAt == Bench.time(5))
        #expect(silence.endsAt == Bench.time(20))
        #expect(silence.updatedAt == Bench.time(5))
        #expect(silence.createdBy == "jane")
        #expect(silence.comment == "known")
        #expect(silence.annotations == ["ticket": "7"])
        #expect(silence.matchers.map(SilenceMatcher.init) == request.matchers)
    }

    @Test func aNewOneNeverBeginsInThePast() throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", from: -100, to: 20), at: 5)
        #expect(shelf.silences["1"]?.startsAt == Bench.time(5))
    }

    @Test func identifiersAreUUIDs() throws {
        var silences = Silences()
        let first = try silences.set(.equal("a", "b", to: 20), at: Bench.time(0)).id
        let second = try silences.set(.equal("a", "b", to: 20), at: Bench.time(0)).id
        #expect(first != second)
        let form = try Matcher(
            .matches, "id", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        #expect(form.matches(first) && form.matches(second))
    }

    private static let refusals: [([SilenceMatcher], String)] = [
        ([], "invalid silence: at least one matcher required"),
        (
            [SilenceMatcher(.equal, "a", "")],
            "invalid silence: at least one matcher must not match the empty string"
        ),
        (
            [SilenceMatcher(.equal, "a", ""), SilenceMatcher(.matches, "b", "x*")],
            "invalid silence: at least one matcher must not match the empty string"
        ),
        (
            [SilenceMatcher(.equal, "a", "b"), SilenceMatcher(.equal, "", "b")],
            "invalid silence: invalid label matcher 1: invalid label name \"\""
        ),
        (
            [SilenceMatcher(.matches, "a", "(")],
            "invalid silence: invalid label matcher 0: invalid regular expression \"(\": "
        ),
    ]

    @Test(arguments: refusals)
    func whatMakesNoSenseIsRefused(matchers: [SilenceMatcher], text: String) {
        var shelf = Shelf()
        let error = #expect(throws: SilenceError.self) {
            try shelf.set(SilenceRequest(matchers: matchers, endsAt: Bench.time(10)), at: 0)
        }
        #expect(error?.description.hasPrefix(text) == true, "\(String(describing: error))")
        #expect(shelf.silences.count == 0)
    }

    @Test func matchersThatAreNarrowEnough() throws {
        var shelf = Shelf()
        for matcher in [
            SilenceMatcher(.matches, "a", "x+"), SilenceMatcher(.notEqual, "a", ""),
            // These match a missing label, and Alertmanager takes them all the same.
            SilenceMatcher(.notEqual, "a", "b"), SilenceMatcher(.notMatches, "a", "b"),
            SilenceMatcher(.equal, "🙂 a", "b"),
        ] {
            try shelf.set(SilenceRequest(matchers: [matcher], endsAt: Bench.time(10)), at: 0)
        }
        #expect(shelf.silences.count == 5)
    }

    @Test func timesThatMakeNoSenseAreRefused() {
        var shelf = Shelf()
        let backwards = SilenceError.invalid("end time must not be before start time")
        #expect(throws: backwards) { try shelf.set(.equal("a", "b", from: 10, to: 9), at: 0) }
        #expect(throws: backwards) { try shelf.set(.equal("a", "b", to: 9), at: 10) }
        var endless = SilenceRequest.equal("a", "b", to: 0)
        endless.endsAt = nil
        #expect(throws: SilenceError.invalid("invalid zero end timestamp")) {
            try shelf.set(endless, at: 0)
        }
    }

    // MARK: Changing

    /// How a change of one from 100 to 200 is made at a second: in place or not.
    private static let changes: [(second: Int64, from: Int64, to: Int64, inPlace: Bool)] = [
        (50, 100, 150, true), (50, 60, 150, true), (50, 300, 400, true), (50, 40, 150, false),
        (50, 50, 50, true),
        (150, 100, 180, true), (150, 100, 900, true), (150, 100, 150, true),
        (150, 100, 149, false), (150, 101, 200, false), (150, 160, 200, false),
        (200, 100, 900, false), (250, 100, 900, false), (250, 300, 900, false),
    ]

    @Test(arguments: changes)
    func changesOfTimes(second: Int64, from: Int64, to: Int64, inPlace: Bool) throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", from: 100, to: 200), at: 0)
        let id = try shelf.set(.equal("a", "b", id: "1", from: from, to: to), at: second)
        #expect(id == (inPlace ? "1" : "2"))
        let silence = try #require(shelf.silences[id])
        #expect(silence.startsAt == Bench.time(inPlace ? from : max(from, second)))
        #expect(silence.endsAt == Bench.time(to))
        #expect(silence.updatedAt == Bench.time(second))
        if !inPlace {
            let old = try #require(shelf.silences["1"])
            #expect(old.state(at: Bench.time(second)) == .expired)
            #expect(old.endsAt == Bench.time(min(second, 200)))
            #expect(old.startsAt == Bench.time(min(second, 100)))
        }
    }

    @Test func otherWordsChangeInPlaceAndOtherMatchersDoNot() throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", from: 0, to: 200), at: 0)
        var request = SilenceRequest.equal("a", "b", id: "1", from: 0, to: 200)
        request.comment = "new"
        request.createdBy = "joe"
        #expect(try shelf.set(request, at: 10) == "1")
        #expect(shelf.silences["1"]?.comment == "new")
        #expect(shelf.silences["1"]?.createdBy == "joe")
        request.matchers = [SilenceMatcher(.matches, "a", "b")]
        #expect(try shelf.set(request, at: 20) == "2")
        #expect(shelf.states(at: 20) == ["2 active", "1 expired"])
    }

    @Test func fractionsOfASecondDoNotMatter() throws {
        var shelf = Shelf()
        var request = SilenceRequest.equal("a", "b", to: 200)
        request.startsAt = Bench.time(10) + Milliseconds(700)
        try shelf.set(request, at: 0)
        #expect(try shelf.set(.equal("a", "b", id: "1", from: 10, to: 300), at: 20) == "1")
    }

    @Test func nobodyChangesWhatIsNotThere() throws {
        var shelf = Shelf()
        #expect(throws: SilenceError.notFound) {
            try shelf.set(.equal("a", "b", id: "7", to: 10), at: 0)
        }
        #expect(throws: SilenceError.notFound) {
            try shelf.silences.expire("7", at: Bench.time(0))
        }
        #expect(SilenceError.notFound.description == "silence not found")
        #expect(shelf.silences["7"] == nil)
    }

    // MARK: Ending

    @Test func endingOneNow() throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", to: 200), at: 0)
        try shelf.set(.equal("a", "b", from: 100, to: 200), at: 0)
        for id in ["1", "2"] {
            #expect(try shelf.silences.expire(id, at: Bench.time(50)).count == 1)
        }
        #expect(shelf.silences["1"]?.startsAt == Bench.time(0))
        #expect(shelf.silences["1"]?.endsAt == Bench.time(50))
        #expect(shelf.silences["2"]?.startsAt == Bench.time(50))
        #expect(shelf.silences["2"]?.endsAt == Bench.time(50))
        #expect(shelf.states(at: 50) == ["1 expired", "2 expired"])
        // Again is no error, and changes nothing.
        #expect(try shelf.silences.expire("1", at: Bench.time(60)).isEmpty)
        #expect(shelf.silences["1"]?.endsAt == Bench.time(50))
    }

    @Test func theyAreForgottenAfterTheRetentionTime() throws {
        var shelf = Shelf()
        try shelf.set(.equal("a", "b", to: 100), at: 0)
        try shelf.set(.equal("a", "c", to: 200), at: 0)
        let retention: Int64 = 120 * 3600
        let early = Bench.time(100 + retention - 1)
        #expect(shelf.silences.collectGarbage(at: early).isEmpty)
        let changes = shelf.silences.collectGarbage(at: Bench.time(100 + retention))
        #expect(changes == [StateChange(.silences, key: "1", value: nil)])
        #expect(shelf.silences["1"] == nil)
        #expect(shelf.silences.count == 1)
    }

    @Test func limitsHaveNames() throws {
        var limits = Silences.Limits()
        limits.maximumCount = 2
        limits.maximumSize = 500
        var shelf = Shelf(limits: limits)
        var long = SilenceRequest.equal("a", "b", to: 100)
        long.comment = String(repeating: "x", count: 500)
        let error = #expect(throws: SilenceError.self) { try shelf.set(long, at: 0) }
        #expect(error?.description.hasPrefix("silence exceeded maximum size: ") == true)
        #expect(error?.description.hasSuffix(" bytes (limit: 500 bytes)") == true)
        try shelf.set(.equal("a", "b", to: 100), at: 0)
        try shelf.set(.equal("a", "c", from: 0, to: 100), at: 0)
        let full = #expect(throws: SilenceError.self) {
            try shelf.set(.equal("a", "d", to: 100), at: 0)
        }
        #expect(full?.description == "exceeded maximum number of silences: 2 (limit: 2)")
        // A change in place needs no room, and what is only waiting to be forgotten takes none.
        try shelf.set(.equal("a", "c", id: "2", from: 0, to: 300), at: 10)
        try shelf.set(.equal("a", "d", to: 500_000), at: 120 * 3600 + 100)
        // What cannot be made leaves the old one as it was.
        long = .equal("a", "e", id: "3", to: 900_000)
        long.comment = String(repeating: "x", count: 500)
        #expect(throws: SilenceError.self) { try shelf.set(long, at: 432_200) }
        #expect(shelf.silences["3"]?.endsAt == Bench.time(500_000))
    }

    @Test func allOfThemHaveALimit() throws {
        var limits = Silences.Limits()
        limits.maximumTotalSize = 3000
        var shelf = Shelf(limits: limits)
        var request = SilenceRequest.equal("a", "b", from: 0, to: 100)
        request.comment = String(repeating: "x", count: 1000)
        try shelf.set(request, at: 0)
        try shelf.set(request, at: 0)
        let full = #expect(throws: SilenceError.self) { try shelf.set(request, at: 0) }
        #expect(full?.description.hasPrefix("silences exceeded maximum total size: ") == true)
        #expect(full?.description.hasSuffix(" bytes (limit: 3000 bytes)") == true)
        // One that gets shorter makes room.
        request.id = "1"
        request.comment = ""
        try shelf.set(request, at: 10)
        request.id = ""
        request.comment = String(repeating: "x", count: 1000)
        try shelf.set(request, at: 10)
        _ = shelf.silences.collectGarbage(at: Bench.time(1_000_000))
        request.endsAt = Bench.time(2_000_000)
        try shelf.set(request, at: 1_000_000)
        try shelf.set(request, at: 1_000_000)
        #expect(shelf.silences.count == 2)
    }

    // MARK: Listing

    @Test func listsAreInAlertmanagersOrder() throws {
        var shelf = Shelf()
        for (from, to) in [(0, 10), (0, 20), (0, 90), (0, 80), (70, 75), (60, 99)]
            as [(Int64, Int64)]
        {
            try shelf.set(.equal("a", "b", from: from, to: to), at: 0)
        }
        #expect(
            shelf.states(at: 50) == [
                "4 active", "3 active", "6 pending", "5 pending", "2 expired", "1 expired",
            ])
    }

    @Test func listsAreFilteredByLiteralMatchers() throws {
        var shelf = Shelf()
        var request = SilenceRequest.equal("a", "b", to: 100)
        try shelf.set(request, at: 0)
        request.matchers.append(SilenceMatcher(.matches, "c", "d.*"))
        request.endsAt = Bench.time(200)
        try shelf.set(request, at: 0)
        func ids(_ matchers: Matcher...) -> [String] {
            shelf.silences.list(having: matchers, at: Bench.time(10)).map(\.id)
        }
        #expect(ids() == ["1", "2"])
        #expect(ids(.equal("a", "b")) == ["1", "2"])
        #expect(ids(try Matcher(.matches, "c", "d.*")) == ["2"])
        #expect(ids(.equal("a", "b"), try Matcher(.matches, "c", "d.*")) == ["2"])
        #expect(ids(try Matcher(.matches, "a", "b")) == [])
        #expect(ids(.equal("c", "dx")) == [])
    }

    // MARK: Matching

    @Test func allMatchersMustMatch() throws {
        var shelf = Shelf()
        var request = SilenceRequest.equal("a", "b", to: 100)
        request.matchers.append(SilenceMatcher(.notEqual, "c", "d"))
        request.matchers.append(SilenceMatcher(.notMatches, "e", "f.*"))
        try shelf.set(request, at: 0)
        func silencing(_ labels: [Label], at second: Int64 = 50) -> [String] {
            shelf.silences.silencing(Labels(labels), at: Bench.time(second))
        }
        #expect(silencing([Label("a", "b")]) == ["1"])
        #expect(silencing([Label("a", "b"), Label("c", "x"), Label("e", "g")]) == ["1"])
        #expect(silencing([Label("a", "b"), Label("c", "d")]) == [])
        #expect(silencing([Label("a", "b"), Label("e", "fx")]) == [])
        #expect(silencing([Label("a", "c")]) == [])
        #expect(silencing([Label("a", "b")], at: 100) == [])
    }

    private static func anyRequest(_ random: inout SplitMix, from first: Int64) -> SilenceRequest {
        let kinds: [Matcher.Kind] = [.equal, .equal, .notEqual, .matches, .notMatches]
        let matchers = (0...random.below(3)).map { _ in
            SilenceMatcher(
                kinds[random.below(kinds.count)], ["a", "b", "c"][random.below(3)],
                ["", "x", "y", "z", "x|y", ".*", "x|", "x|\\.", "[xy]", "z|w"][random.below(10)])
        }
        let start = first + Int64(random.below(400))
        return SilenceRequest(
            matchers: matchers, startsAt: Bench.time(start),
            endsAt: Bench.time(start + Int64(random.below(2000))))
    }

    private static func anyLabels(_ random: inout SplitMix) -> [Label] {
        ["a", "b", "c"].compactMap { name -> Label? in
            let value = ["", "x", "y", "z", "w", "."][random.below(6)]
            return value.isEmpty ? nil : Label(name, value)
        }
    }

    private static func asked(
        _ silences: Silences, _ labels: Labels, at moment: Timestamp
    ) -> [String] {
        silences.list(at: moment).filter {
            $0.matches(labels) && $0.state(at: moment) == .active
        }.map(\.id).sorted { $0.byteOrder($1) < 0 }
    }

    /// However they are found, the answer is that of asking each silence.
    @Test func whatIsFoundIsWhatMatches() {
        var random = SplitMix(state: 7)
        var shelf = Shelf()
        var found = 0
        for _ in 0..<300 {
            // Some make no sense.
            _ = try? shelf.set(Self.anyRequest(&random, from: 0), at: 0)
            let labels = Labels(Self.anyLabels(&random))
            let moment = Bench.time(Int64(random.below(800)))
            let expected = Self.asked(shelf.silences, labels, at: moment)
            #expect(shelf.silences.silencing(labels, at: moment) == expected)
            found += expected.count
        }
        #expect(found > 1000)
    }

    /// The same where flushes remember what they found.
    @Test func whatIsRememberedIsWhatMatches() {
        var random = SplitMix(state: 8)
        var bench = Bench()
        for number in 0..<20 {
            bench.fire("A\(number)", Self.anyLabels(&random), at: 0)
        }
        var found = 0
        for round in 1..<100 as Range<Int64> {
            let now = round * 300
            bench.run(to: now)
            for _ in 0..<3 { _ = try? bench.silence(Self.anyRequest(&random, from: now), at: now) }
            if round % 10 == 0 {
                for silence in bench.notifier.silences.list(at: Bench.time(now)).prefix(3) {
                    _ = try? bench.expire(silence.id, at: now)
                }
            }
            for alert in bench.notifier.alerts(at: Bench.time(now)) {
                let expected = Self.asked(
                    bench.notifier.silences, alert.alert.labels, at: Bench.time(now))
                #expect(alert.muted.silencedBy == expected)
                found += expected.count
            }
        }
        #expect(found > 1000)
    }
}

/// The same numbers every time.
private struct SplitMix {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
