import Model
import PromQL
import Store

extension Expr {
    /// Claims on the windows that the expression reads, seen from `offset` before the evaluation.
    func claims(
        in store: Store, offset: Milliseconds, _ options: RuleOptions
    ) -> [WindowClaim] {
        var windows: [Milliseconds: [[Matcher]]] = [:]
        forEachSelector { use in
            let window = Expr.readWindow(
                of: use, lookback: options.lookback, defaultStep: options.defaultStep)
            windows[window.back + max(offset, .zero), default: []].append(use.selector.matchers)
        }
        return windows.sorted { $0.key < $1.key }.map { store.require($0.key, of: $0.value) }
    }
}
