import Configuration
import Model

/// Labels and matchers as they are typed: `alertname=Down severity=critical`, or `Down` first for an
/// alert's name.
public enum LabelArguments {
    /// The labels of arguments of the form NAME=VALUE, for an alert. A value may be quoted.
    public static func labels(_ arguments: [String]) throws(ConsoleError) -> Labels {
        var arguments = arguments
        if let first = arguments.first, isName(first) { arguments[0] = "alertname=" + first }
        return Labels(try pairs(arguments))
    }

    /// The annotations of arguments of the form NAME=VALUE, for an alert.
    public static func annotations(_ arguments: [String]) throws(ConsoleError) -> Annotations {
        Annotations(try pairs(arguments))
    }

    private static func pairs(_ arguments: [String]) throws(ConsoleError) -> [Label] {
        var labels: [Label] = []
        for argument in arguments {
            let (name, value) = try pair(argument)
            if labels.contains(where: { $0.name.bytesEqual(name) }) {
                throw ConsoleError("label \(name.goQuoted) is given twice")
            }
            labels.append(Label(name, value))
        }
        return labels
    }

    private static func pair(_ argument: String) throws(ConsoleError) -> (String, String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].hasPrefix("~"), !parts[0].hasSuffix("!") else {
            throw ConsoleError("\(argument.goQuoted): a label is written NAME=VALUE")
        }
        // What begins with a quote is quoted as matchers are.
        if argument.hasPrefix("\"") || parts[1].hasPrefix("\""),
            let matchers = try? MatcherSyntax.parse(argument), matchers.count == 1
        {
            return (matchers[0].name, matchers[0].value)
        }
        let name = String(parts[0]).trimmingWhitespace
        if name.isEmpty { throw ConsoleError("\(argument.goQuoted): a label needs a name") }
        return (name, String(parts[1]))
    }

    private static func isName(_ argument: String) -> Bool {
        !argument.contains { "={}!~".contains($0) }
    }

    /// The matchers of arguments such as `severity=~"a|b"`.
    public static func matchers(_ arguments: [String]) throws(ConsoleError) -> [Matcher] {
        var matchers: [Matcher] = []
        for (index, argument) in arguments.enumerated() {
            // A name alone.
            if index == 0, isName(argument) {
                matchers.append(.equal("alertname", argument))
                continue
            }
            do throws(MatcherSyntax.ParseError) {
                matchers += try MatcherSyntax.parse(argument)
            } catch {
                throw ConsoleError("\(argument.goQuoted) is no matcher: \(error)")
            }
        }
        return matchers
    }
}
