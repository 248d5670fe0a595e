/// One row of alert state to be written or removed. State machines return these; whoever performs
/// their actions writes all rows of a step in one transaction before anything else happens.
public struct StateChange: Sendable, Hashable {
    /// The kinds of rows, one table each.
    public enum Table: String, Sendable, Hashable, CaseIterable {
        /// Rules' active alerts (module Rules).
        case ruleAlerts = "rule_alerts"
        /// Alerts as the router knows them (module Notify).
        case alerts
        /// Aggregation groups with their next flush (module Notify).
        case groups
        /// What is owed, one slot per group and integration (module Notify).
        case outbox
        /// What was acknowledged (module Notify).
        case notificationLog = "notification_log"
        /// Silences (module Notify).
        case silences
        /// Pushed groups with their last values (module Scrape).
        case pushedGroups = "pushed_groups"
        /// Anything else that must survive: the last evaluation, the last clean stop (module Daemon).
        case meta
    }

    /// The kind of row.
    public var table: Table
    /// The row's key within its table.
    public var key: String
    /// The row's content (JSON by convention), or nil to remove the row.
    public var value: [UInt8]?

    /// A change.
    public init(_ table: Table, key: String, value: [UInt8]?) {
        self.table = table
        self.key = key
        self.value = value
    }
}
