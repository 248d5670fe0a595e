import Configuration
import Model

/// Labels and matchers as they are typed: `alertname=Down severity=critical`, or `Down` first for an
/// alert's name.
public enum LabelArguments {
    /// The labels of arguments of the form NAME=VALUE.
    public static func labels(_ arguments: [String]) throws(ConsoleError) -> Labels {
        var labels = Labels.empty
        for matcher in try matchers(arguments) {
            guard matcher.kind == .equal else {
                throw ConsoleError("\(matcher): a label is written NAME=VALUE")
            }
            if labels[matcher.name] != nil {
                throw ConsoleError("label \(matcher.name.goQuoted) is given twice")
            }
            labels = labels.setting(matcher.name, matcher.value)
        }
        return labels
    }

    /// The matchers of arguments such as `severity=~"a|b"`.
    public static func matchers(_ arguments: [String]) throws(ConsoleError) -> [Matcher] {
        var matchers: [Matcher] = []
        for (index, argument) in arguments.enumerated() {
            // A name alone.
            if index == 0, !argument.contains(where: { "={}!~".contains($0) }) {
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
