import Exposition
import Model
import Testing

@Suite struct TextReaderTests {
    private func read(
        _ text: String, _ lines: inout LineTable, _ sink: inout NotingSink
    ) throws {
        try TextReader().read(Array(text.utf8), lines: &lines, into: &sink)
    }

    @Test func aSeriesIsAddedOnce() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        try read("# TYPE a counter\na{b=\"c\"} 1 5\na 2\n", &lines, &sink)
        try read("# TYPE a counter\na 4\nb 5\na{b=\"c\"} 3\n", &lines, &sink)
        #expect(sink.known.map { Labels($0).metricDescription } == [#"a{b="c"}"#, "a", "b"])
        #expect(
            sink.samples == [
                ReadSample(series: 0, value: 1, timestamp: Timestamp(milliseconds: 5)),
                ReadSample(series: 1, value: 2), ReadSample(series: 1, value: 4),
                ReadSample(series: 2, value: 5), ReadSample(series: 0, value: 3),
            ])
        #expect(sink.statements == ["a type(Model.MetricType.counter)"])
    }

    @Test func manySamplesComeInBatches() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        let text = (0..<1000).map { "a\($0) \($0)\n" }.joined()
        try read(text, &lines, &sink)
        sink.samples = []
        sink.batches = []
        try read(text, &lines, &sink)
        #expect(sink.samples.map(\.value) == (0..<1000).map(Double.init))
        #expect(sink.samples.map(\.series) == Array(0..<1000))
        #expect(sink.batches.count < 10)
    }

    @Test func whatStandsBeforeAnErrorIsBrought() {
        var (lines, sink) = (LineTable(), NotingSink())
        #expect(throws: ExpositionError.self) { try read("a 1\nb 2\nc x\n", &lines, &sink) }
        #expect(sink.samples.map(\.value) == [1, 2])
        sink.maximumLabels = 1
        #expect(throws: ExpositionError("too many labels")) {
            try read("a 1\nd{a=\"1\",b=\"2\"} 1\n", &lines, &sink)
        }
        #expect(sink.samples.map(\.value) == [1, 2, 1])
    }

    @Test func aSeriesThatIsNotWantedIsAskedForAgain() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        sink.maximumSeries = 1
        try read("a 1\nb 2\n", &lines, &sink)
        sink.maximumSeries = 2
        try read("a 1\nb 2\n", &lines, &sink)
        #expect(sink.samples.map(\.value) == [1, 1, 2])
    }

    @Test func seriesCanBeRenumberedAndForgotten() throws {
        var (lines, sink) = (LineTable(), NotingSink())
        try read("a 1\nb 2\nc 3\n", &lines, &sink)
        lines.renumber([-1, 1, 0])
        sink.known = []
        sink.samples = []
        try read("c 4\nb 5\n", &lines, &sink)
        #expect(sink.samples.map(\.series) == [0, 1] && sink.known.isEmpty)
        try read("a 6\n", &lines, &sink)
        #expect(sink.known.count == 1)
    }
}
