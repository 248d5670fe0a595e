import Exposition
import Model
import TestSupport
import Testing

@Suite("A table of lines gives what reading afresh gives") struct LineTableTests {
    /// Reads a sequence of expositions through one table, and each through a table of its own.
    private struct Comparison {
        let reader: any ExpositionReader
        var lines = LineTable()
        var sink = NotingSink()
        /// The labels of the series by number, as they are after series were forgotten.
        var known: [[Label]] = []
        var failures = 0

        mutating func read(_ exposition: RandomExposition, forgets: Bool) {
            let body = exposition.body
            var (freshLines, fresh) = (LineTable(), NotingSink())
            let expected = error(body, &freshLines, &fresh)
            sink.samples = []
            sink.known = known
            let got = error(body, &lines, &sink)
            known = sink.known
            #expect(got == expected)
            // No series is asked for again as long as the sink knows it.
            #expect(Set(known.map { Labels($0) }).count == known.count)
            #expect(samples(sink) == samples(fresh), "\(exposition)")
            if got != nil {
                failures += 1
                return
            }
            for (metric, type) in exposition.types {
                #expect(sink.metadata[metric]?.type == type, "\(exposition)")
            }
            for (metric, help) in exposition.helps {
                #expect(sink.metadata[metric]?.help == help, "\(exposition)")
            }
            if forgets { forgetUnseen() }
            #expect(lines.count <= known.count + exposition.entries.count + sink.samples.count)
        }

        private func error(
            _ body: [UInt8], _ lines: inout LineTable, _ sink: inout NotingSink
        ) -> ExpositionError? {
            do throws(ExpositionError) {
                try reader.read(body, lines: &lines, into: &sink)
                return nil
            } catch {
                return error
            }
        }

        private func samples(_ sink: NotingSink) -> [String] {
            sink.samples.map { sample in
                let labels = Labels(sink.known[sample.series]).metricDescription
                return "\(labels) \(sample.value) \(sample.timestamp?.description ?? "")"
            }
        }

        private mutating func forgetUnseen() {
            let seen = Set(sink.samples.map(\.series))
            var numbers: [Int] = []
            var kept: [[Label]] = []
            for (number, labels) in known.enumerated() {
                numbers.append(seen.contains(number) ? kept.count : -1)
                if seen.contains(number) { kept.append(labels) }
            }
            known = kept
            lines.renumber(numbers)
            #expect(lines.count >= known.count)
        }
    }

    @Test(arguments: RandomExposition.Format.allCases)
    func whateverChanges(format: RandomExposition.Format) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var comparison = Comparison(reader: format.reader)
            var exposition = RandomExposition(format: format)
            for round in 1...60 {
                // Every third looks as the one before, but for its values.
                if round % 3 != 0 { exposition.change(&random) }
                exposition.setValues(&random)
                comparison.read(exposition, forgets: random.below(3) != 0)
                if random.below(20) == 0 { comparison.lines.forgetComments() }
            }
            #expect(comparison.failures > 0 && comparison.failures < 30)
        }
    }

    @Test func anExpositionOfAnotherLengthEachTimeFillsNoMemory() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        for round in 0..<50 {
            let text = (0..<100).map { "# note \(round) \($0)\na{b=\"\(round)-\($0)\"} 1\n" }
            try TextReader().read(Array(text.joined().utf8), lines: &lines, into: &sink)
            // As a sink does that forgets what the exposition did not have.
            let old = sink.known.count - 100
            lines.renumber((0..<sink.known.count).map { $0 < old ? -1 : $0 - old })
            sink.known.removeFirst(old)
            #expect(lines.count == 200)
        }
    }

    @Test func namesOfEveryLengthAreToldApartInEveryByte() throws {
        var names: [String] = []
        for length in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 255, 256, 257, 300, 511, 512, 513]
        {
            names.append(String(repeating: "a", count: length))
            for place in 0..<length {
                names.append(
                    String(repeating: "a", count: place) + "b"
                        + String(repeating: "a", count: length - place - 1))
            }
        }
        var (lines, sink) = (LineTable(), NotingSink())
        for _ in 0..<3 {
            let text = names.map { "\($0) 1\n" }.joined()
            sink.samples = []
            try TextReader().read(Array(text.utf8), lines: &lines, into: &sink)
            #expect(sink.known.count == names.count)
            #expect(sink.samples.map { sink.known[$0.series][0].value } == names)
            names.shuffle()
        }
    }

    @Test func aSeriesOfAFailedExpositionIsKnown() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        for _ in 0..<3 {
            #expect(throws: ExpositionError.self) {
                try TextReader().read(Array("a 1\nb 1\nc x\n".utf8), lines: &lines, into: &sink)
            }
        }
        try TextReader().read(Array("b 1\na 1\n".utf8), lines: &lines, into: &sink)
        #expect(sink.known.count == 2 && lines.count == 2)
    }

    @Test func aCommentOfAFailedExpositionDoesNotStandForTheNextOnes() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        let good = Array("# TYPE a counter\na 1\n".utf8)
        try TextReader().read(good, lines: &lines, into: &sink)
        #expect(throws: ExpositionError.self) {
            try TextReader().read(
                Array("# TYPE a gauge\na 1\nb x\n".utf8), lines: &lines, into: &sink)
        }
        try TextReader().read(good, lines: &lines, into: &sink)
        #expect(sink.metadata["a"]?.type == .counter)
    }
}
