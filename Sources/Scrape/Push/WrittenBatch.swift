import Configuration
import Model
import Store

/// What a request of remote write or of OTLP holds, once it is read.
public struct WrittenBatch: Sendable {
    /// What is to be written.
    public var batch = SampleBatch()
    /// What is not, and why.
    public var refusals = WriteRefusals()

    /// Nothing.
    public init() {}
}

/// What is not taken of a request while the rest is: how much, and the first reasons in words.
public struct WriteRefusals: Sendable, Hashable {
    /// The kinds of reasons, as our metrics name them.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Labels that cannot be stored, or that the request's table of symbols does not hold.
        case invalidLabels = "invalid_labels"
        /// More labels, or longer ones, than `label_limit` and its like allow.
        case labelLimit = "label_limit"
        /// A native histogram that contradicts itself or is too large.
        case invalidHistogram = "invalid_histogram"
        /// A series without a sample, metadata or an exemplar that cannot be read.
        case malformed
        /// A time too far ahead, or before 1970.
        case outOfBounds = "out_of_bounds"
        case outOfOrder = "out_of_order"
        case tooOld = "too_old"
        case duplicate
        /// The sender has as many series as `max_series_per_sender` allows.
        case senderLimit = "sender_series_limit"
        /// The store has as many series as it may.
        case storeLimit = "store_series_limit"
    }

    /// How many reasons are told in words.
    public static let maximumTexts = 10

    /// How many samples were not taken, by reason.
    public private(set) var samples: [Reason: Int] = [:]
    /// The first reasons, in Prometheus's words where it has some.
    public private(set) var texts: [String] = []
    /// How many things were refused in all, a series or an exemplar counting as one.
    public private(set) var count = 0

    /// None.
    public init() {}

    /// One more; `text` is asked for only where it is told.
    public mutating func add(_ reason: Reason, samples: Int, _ text: @autoclosure () -> String) {
        count += 1
        self.samples[reason, default: 0] += samples
        if texts.count < WriteRefusals.maximumTexts { texts.append(text()) }
    }

    /// The texts, a line each.
    public var description: String {
        let more = count - texts.count
        return (texts + (more > 0 ? ["and \(more) more"] : [])).joined(separator: "\n")
    }

    /// A series as texts show it: no longer than this.
    static let maximumShownLabels = 300

    /// Labels as a text shows them.
    public static func shown(_ labels: Labels) -> String {
        String(labels.description.prefix(maximumShownLabels))
    }
}

/// Why a request is not taken at all.
public enum WriteFailure: Error, Sendable, Hashable {
    /// It cannot be read, or is over a limit, which the text names: it must not come again.
    case malformed(String)
    /// It decompresses to more than `push.max_body_size`.
    case tooLarge(String)
    /// There is no place for it now: it may come again.
    case busy(String)
}

/// What keeps written samples from taking all memory, and the errors that name it.
public struct WriteLimits: Sendable {
    private let settings: PushSettings
    /// What a series' labels may be. As in Prometheus, any UTF-8 is a name here.
    public let rules: SampleRules

    /// Those of `tocsin.push`.
    public init(_ settings: PushSettings, addsTypeAndUnitLabels: Bool = false) {
        self.settings = settings
        var rules = PushLimits(settings, nameValidation: .utf8).rules
        rules.addsTypeAndUnitLabels = addsTypeAndUnitLabels
        self.rules = rules
    }

    /// `push.max_body_size`.
    public var bodySize: Int { settings.maximumBodySize }
    /// `push.max_series_per_request`.
    public var series: Int { settings.maximumSeriesPerRequest }
    /// `push.max_samples_per_request`.
    public var samples: Int { settings.maximumSamplesPerRequest }
    /// `push.max_buckets_per_histogram`.
    public var buckets: Int { settings.maximumBucketsPerHistogram }
    /// `push.label_limit`.
    public var labels: Int { settings.maximumLabels }
    /// `push.max_metadata`.
    public var metadata: Int { settings.maximumMetadata }
    /// `push.label_value_length_limit`, which help texts and units have too.
    public var valueLength: Int { settings.maximumLabelValueLength }

    /// Throws where a request has more series or samples than it may.
    public func check(series: Int = 0, samples: Int = 0) throws(WriteFailure) {
        if series > self.series { throw .malformed(WriteLimits.tooManySeries(self.series)) }
        if samples > self.samples { throw .malformed(WriteLimits.tooManySamples(self.samples)) }
    }

    static func tooManySeries(_ limit: Int) -> String {
        "the request has more series than the limit push.max_series_per_request (\(limit)): "
            + "send smaller requests"
    }

    static func tooManySamples(_ limit: Int) -> String {
        "the request has more samples, histograms and exemplars than the limit "
            + "push.max_samples_per_request (\(limit)): send smaller requests"
    }

    /// Too large a body.
    public var bodyTooLarge: WriteFailure {
        .tooLarge("the body is larger than the limit push.max_body_size (\(bodySize) bytes)")
    }
}
