import Model
import PromQL

/// A selector of an expression: which series it reads, and how far back.
public struct RuleRead: Sendable, Hashable {
    /// The conditions on the series.
    public var matchers: [Matcher]
    /// The window's length; nil for the newest sample.
    public var window: Milliseconds?

    /// A read.
    public init(matchers: [Matcher], window: Milliseconds? = nil) {
        self.matchers = matchers
        self.window = window
    }
}

extension Expr {
    /// Every selector in it.
    public var reads: [RuleRead] {
        var reads: [RuleRead] = []
        forEachSelector { use in
            reads.append(
                RuleRead(matchers: use.selector.matchers, window: use.range.map(\.plain)))
        }
        return reads
    }
}

extension DurationExpr {
    /// The length where it is written out; five minutes for one that is computed.
    fileprivate var plain: Milliseconds {
        switch self {
        case .milliseconds(let value): Milliseconds(value)
        case .number(let seconds): Milliseconds(Int64(clamping: seconds * 1000))
        case .paren(let inner): inner.plain
        default: .minutes(5)
        }
    }
}
