/// The nodes under some paths, as far as they are known.
struct ZooKeeperTree: Sendable {
    /// How many nodes may be watched.
    static let maximumNodes = 100_000

    private var nodes: [String: (data: [UInt8], children: Set<String>)] = [:]

    /// Paths and bytes of all nodes, in order.
    var members: [(path: String, data: [UInt8])] {
        nodes.sorted { $0.key < $1.key }.map { ($0.key, $0.value.data) }
    }

    func contains(_ path: String) -> Bool { nodes[path] != nil }

    /// The node is as it is now; the paths of children that are new.
    mutating func set(
        _ path: String, _ data: [UInt8], _ children: [String]
    ) throws(APIError) -> [String] {
        let before = nodes[path]?.children ?? []
        let now = Set(children.map { path == "/" ? "/\($0)" : "\(path)/\($0)" })
        nodes[path] = (data, now)
        for gone in before.subtracting(now) { remove(gone) }
        if nodes.count > ZooKeeperTree.maximumNodes {
            throw APIError(
                "there are more than \(ZooKeeperTree.maximumNodes) nodes (ZooKeeperTree.maximumNodes)"
            )
        }
        return now.filter { nodes[$0] == nil }
    }

    /// The node is gone, and all below it.
    mutating func remove(_ path: String) {
        var gone = [path]
        while let path = gone.popLast() {
            gone += nodes.removeValue(forKey: path)?.children ?? []
        }
    }

    /// Reads a node and all that is new below it.
    mutating func read(_ path: String, _ session: inout ZooKeeperSession) async throws {
        var paths = [path]
        while let path = paths.popLast() {
            guard let data = try await session.data(path),
                let children = try await session.children(path)
            else {
                remove(path)
                continue
            }
            paths += try set(path, data, children)
        }
    }
}
