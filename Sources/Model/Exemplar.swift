/// A single observation that stands for others in a series, mostly with the ID of its trace.
public struct Exemplar: Hashable, Sendable {
    /// What OpenMetrics allows all names and values of an exemplar's labels together, in characters.
    public static let maximumLabelCharacters = 128

    /// What it is labelled with, its trace's ID for example.
    public var labels: Labels
    /// What was observed.
    public var value: Double
    /// When: as exposed, or else when its sample was taken.
    public var time: Timestamp
    /// Whether the time was exposed.
    public var hasTime: Bool

    /// An exemplar.
    public init(labels: Labels, value: Double, time: Timestamp, hasTime: Bool) {
        self.labels = labels
        self.value = value
        self.time = time
        self.hasTime = hasTime
    }
}
