import Model

/// A file of unit tests of rules, as `promtool test rules` reads it.
public struct UnitTestFile: Sendable {
    /// The file as it was named.
    public var path: String
    /// Patterns of the rule files under test, relative ones within the file's directory.
    public var ruleFiles: [Located<String>] = []
    /// How often every group is evaluated, whatever its own interval.
    public var evaluationInterval = Milliseconds.minutes(1)
    /// Whether numbers may differ in the last bit of the mantissa.
    public var fuzzyCompare = false
    /// Names of groups that are evaluated in this order.
    public var groupOrder: [String] = []
    /// The tests.
    public var tests: [UnitTestGroup] = []

    /// A file without tests.
    public init(path: String) { self.path = path }
}

/// Series, and what rules and expressions must make of them.
public struct UnitTestGroup: Sendable {
    /// A series to load.
    public struct Input: Sendable {
        /// `up{job="a"}`
        public var series: Located<String>
        /// `0 1+1x3 _ stale`
        public var values: Located<String>
    }

    /// Which alerts of a name fire at a time.
    public struct AlertTest: Sendable {
        /// The time since the test's start.
        public var time: Milliseconds
        /// The alerting rule.
        public var name: String
        /// The alerts, without the label `alertname`.
        public var alerts: [Alert]
        /// Where it stands.
        public var place: SourcePlace
    }

    /// An alert that fires.
    public struct Alert: Sendable, Hashable {
        /// Its labels.
        public var labels: Labels
        /// Its annotations.
        public var annotations: Annotations

        /// An alert.
        public init(labels: Labels, annotations: Annotations) {
            self.labels = labels
            self.annotations = annotations
        }
    }

    /// What an expression gives at a time.
    public struct ExpressionTest: Sendable {
        /// The expression.
        public var expr: Located<String>
        /// The time since the test's start.
        public var time: Milliseconds
        /// Its samples.
        public var samples: [Sample]
        /// Where it stands.
        public var place: SourcePlace
    }

    /// A sample that an expression gives.
    public struct Sample: Sendable {
        /// `name{label="value"}`, or nothing.
        public var labels: Located<String>
        /// Its value, where it is a number.
        public var value: Double
        /// Its value where it is a histogram: `{{count:2 sum:3 buckets:[2]}}`.
        public var histogram: Located<String>?
    }

    /// What to call it; "" where nothing is written.
    public var name = ""
    /// The time between the values of a series.
    public var interval: Milliseconds
    /// When the test begins.
    public var start = Timestamp(milliseconds: 0)
    /// The series.
    public var input: [Input] = []
    /// What is asked of alerting rules.
    public var alertTests: [AlertTest] = []
    /// What is asked of expressions.
    public var expressionTests: [ExpressionTest] = []
    /// What templates see of `global.external_labels`.
    public var externalLabels = Labels.empty
    /// What templates see as the daemon's address.
    public var externalURL = ""
    /// Where it stands.
    public var place: SourcePlace

    /// A test without anything.
    public init(interval: Milliseconds, place: SourcePlace) {
        self.interval = interval
        self.place = place
    }

    /// The time of its last question.
    public var lastTime: Milliseconds {
        max(
            alertTests.map(\.time).max() ?? .zero, expressionTests.map(\.time).max() ?? .zero, .zero
        )
    }
}
