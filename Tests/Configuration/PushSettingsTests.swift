import Configuration
import Model
import Testing

@Suite("Settings of push and remote write")
struct PushSettingsTests {
    private static func load(_ text: String) -> LoadResult<TocsinConfiguration> {
        TocsinConfiguration.load(text: Array(text.utf8), path: "tocsin.yml")
    }

    @Test("Each limit has its key, and none may be 0")
    func limits() throws {
        let keys: [(String, KeyPath<PushSettings, Int>)] = [
            ("max_series_per_request", \.maximumSeriesPerRequest),
            ("max_samples_per_request", \.maximumSamplesPerRequest),
            ("max_buckets_per_histogram", \.maximumBucketsPerHistogram),
            ("max_series_per_sender", \.maximumSeriesPerSender),
            ("max_senders", \.maximumSenders), ("max_metadata", \.maximumMetadata),
        ]
        for (key, path) in keys {
            let read = Self.load("tocsin: {push: {\(key): 7}}")
            #expect(read.value?.tocsin.push[keyPath: path] == 7 && read.problems.isEmpty)
            let wrong = Self.load("tocsin: {push: {\(key): 0}}").problems.map(\.description)
            #expect(wrong.count == 1 && wrong[0].contains("push.\(key)"), "\(wrong)")
        }
    }

    @Test("A flag turns on what it names, and that only on loopback")
    func flags() {
        var settings = PushSettings()
        #expect(!settings.takesRemoteWrite && !settings.takesOTLP)
        settings.enablesRemoteWrite = true
        #expect(settings.takesRemoteWrite && !settings.takesOTLP && !settings.isEnabled)
        #expect(settings.refusal(listeningOn: "127.0.0.1:9090") == nil)
        #expect(settings.refusal(listeningOn: "0.0.0.0:9090") != nil)
        settings.isInsecure = true
        #expect(settings.refusal(listeningOn: "0.0.0.0:9090") == nil)
    }

    @Test("The window for samples out of order is read; what else tsdb has is named")
    func window() {
        let read = Self.load("storage: {tsdb: {out_of_order_time_window: 5m}}")
        #expect(read.value?.outOfOrderTimeWindow == .minutes(5) && read.problems.isEmpty)
        #expect(Self.load("").value?.outOfOrderTimeWindow == .zero)
        let more = Self.load("storage: {tsdb: {retention: {time: 1d}}}").problems
        #expect(
            more.map(\.description) == [
                "tocsin.yml:1:18: warning: storage.tsdb.retention: is not acted on"
            ])
    }
}
