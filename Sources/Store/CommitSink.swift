import Model

/// Is told of everything that is committed, in order per axis: how samples reach a database.
///
/// Called with the axis locked: it must return at once and must not read the store.
public protocol CommitSink: Sendable {
    /// A frame was committed.
    func committed(_ frame: CommittedFrame)
}

/// A frame as it was committed.
public struct CommittedFrame: Sendable {
    /// A slot and the series that it holds from this frame on.
    public struct NewSlot: Sendable {
        /// The index into `values`.
        public let slot: Int
        /// The series.
        public let labels: Labels

        /// A slot with its series.
        public init(slot: Int, labels: Labels) {
            self.slot = slot
            self.labels = labels
        }
    }

    /// The axis' key.
    public let axis: String
    /// Slots that were created, or given to another series, since the axis' last frame.
    public let newSlots: [NewSlot]
    /// The frame's time.
    public let timestamp: Timestamp
    /// The slots that the values are of, in order; nil where they are of all slots.
    public let slots: [Int]?
    /// The value of each slot; the stale marker, or a missing tail, where its series ended.
    public let values: [Double]
    /// Whether values may be `SampleValue.absent`, or `slots` are not all.
    public let isPartial: Bool
    /// The native histograms, of the slots whose value is `SampleValue.histogram`.
    public let histograms: [SlotHistogram]
    /// The start timestamps that are known.
    public let startTimes: [SlotStartTime]
    /// The times of the samples that were not taken at the frame's time.
    public let ownTimes: [SlotTime]

    /// A frame of numbers.
    public init(axis: String, newSlots: [NewSlot], timestamp: Timestamp, values: [Double]) {
        self.init(
            axis: axis, newSlots: newSlots, timestamp: timestamp, values: values, FrameExtras())
    }

    init(
        axis: String, newSlots: [NewSlot], timestamp: Timestamp, slots: [Int]? = nil,
        values: [Double], _ extras: FrameExtras
    ) {
        self.axis = axis
        self.newSlots = newSlots
        self.timestamp = timestamp
        self.slots = slots
        self.values = values
        isPartial = extras.isPartial
        histograms = extras.histograms
        startTimes = extras.startTimes
        ownTimes = extras.ownTimes
    }

    /// The same frame, with other new slots.
    public func with(newSlots: [NewSlot]) -> CommittedFrame {
        CommittedFrame(
            axis: axis, newSlots: newSlots, timestamp: timestamp, slots: slots, values: values,
            FrameExtras(
                histograms: histograms, startTimes: startTimes, ownTimes: ownTimes,
                isPartial: isPartial))
    }
}

/// A frame that comes back from a database.
public struct RestoredFrame: Sendable {
    /// The frame's time.
    public let timestamp: Timestamp
    /// The slots that the values are of, in order; nil where they are of all slots.
    public let slots: [Int]?
    /// The value of each slot.
    public let values: [Double]
    /// Whether values may be `SampleValue.absent`, or `slots` are not all.
    public let isPartial: Bool
    /// The native histograms.
    public let histograms: [SlotHistogram]
    /// The start timestamps that are known.
    public let startTimes: [SlotStartTime]
    /// The times of the samples that were not taken at the frame's time.
    public let ownTimes: [SlotTime]

    /// A frame.
    public init(
        timestamp: Timestamp, slots: [Int]? = nil, values: [Double], isPartial: Bool = false,
        histograms: [SlotHistogram] = [], startTimes: [SlotStartTime] = [],
        ownTimes: [SlotTime] = []
    ) {
        self.timestamp = timestamp
        self.slots = slots
        self.values = values
        self.isPartial = isPartial
        self.histograms = histograms
        self.startTimes = startTimes
        self.ownTimes = ownTimes
    }
}
