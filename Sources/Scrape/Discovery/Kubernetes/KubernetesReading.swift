import Model

/// Reads answers of Kubernetes's API, an object at a time.
///
/// Short texts that many objects share are kept once.
struct KubernetesReading {
    /// How many texts are kept to be shared.
    private static let maximumShared = 20_000
    /// How long they may be, in bytes: a Swift string of up to 15 takes no memory of its own.
    private static let sharedLengths = 16...96

    let resource: KubernetesResource
    /// Whether all that targets need is kept, or what the object lends alone.
    let isWhole: Bool
    private var shared: Set<String> = []

    init(_ resource: KubernetesResource, isWhole: Bool) {
        self.resource = resource
        self.isWhole = isWhole
    }

    /// A page of a list.
    struct Page {
        var objects: [KubernetesObject] = []
        /// The version that the list shows, which a watch goes on from.
        var version = ""
        /// What gets the next page; empty behind the last.
        var next = ""
    }

    /// What a watch tells.
    enum Event {
        case changed(KubernetesObject, version: String)
        case deleted(key: String, version: String)
        /// Everything up to the version has been told.
        case bookmark(version: String)
        /// The watch cannot go on.
        case failed(Status)
    }

    /// What the server says about a failure.
    struct Status {
        var code = 0
        var message = ""
    }

    mutating func page(_ bytes: [UInt8]) throws(JSONError) -> Page {
        var reader = JSONReader(bytes)
        var page = Page()
        var isList = false
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "metadata":
                isList = true
                var metadata = try reader.object()
                while let name = try reader.member(of: &metadata) {
                    switch name {
                    case "resourceVersion": page.version = try reader.string()
                    case "continue": page.next = try reader.string()
                    default: try reader.skip()
                    }
                }
            case "items":
                var items = try reader.array()
                while try reader.hasElement(in: &items) {
                    page.objects.append(try object(&reader).object)
                }
            default: try reader.skip()
            }
        }
        try reader.end()
        if !isList { throw JSONError("this is no list of Kubernetes objects", at: 0) }
        return page
    }

    mutating func event(_ bytes: [UInt8]) throws(JSONError) -> Event {
        var reader = JSONReader(bytes)
        var type = ""
        var start: Int?
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            if name == "type" {
                type = try reader.string()
            } else {
                if name == "object" { start = reader.index }
                try reader.skip()
            }
        }
        try reader.end()
        guard let start else { throw JSONError("an event without an object", at: 0) }
        reader = JSONReader(bytes, at: start)
        switch type {
        case "ADDED", "MODIFIED":
            let (object, version) = try object(&reader)
            return .changed(object, version: version)
        case "DELETED":
            let (object, version) = try object(&reader)
            return .deleted(key: object.meta.key, version: version)
        case "BOOKMARK": return .bookmark(version: try object(&reader).version)
        case "ERROR": return .failed(try KubernetesReading.status(&reader))
        default: throw JSONError("an event of the unknown type \(type.goQuoted)", at: 0)
        }
    }

    /// A `Status`, as the server answers where it refuses.
    static func status(_ bytes: [UInt8]) -> Status? {
        var reader = JSONReader(bytes)
        return try? status(&reader)
    }

    private static func status(_ reader: inout JSONReader) throws(JSONError) -> Status {
        var status = Status()
        var root = try reader.object()
        while let name = try reader.member(of: &root) {
            switch name {
            case "code": status.code = try reader.integer()
            case "message": status.message = try reader.string()
            default: try reader.skip()
            }
        }
        return status
    }

    // MARK: Texts

    /// A text of which others may have the same.
    mutating func text(_ reader: inout JSONReader) throws(JSONError) -> String {
        let text = try reader.string()
        guard KubernetesReading.sharedLengths.contains(text.utf8.count) else { return text }
        if shared.count >= KubernetesReading.maximumShared { shared = [] }
        return shared.insert(text).memberAfterInsert
    }

    /// The same where `null` is something else than an empty text.
    mutating func optionalText(_ reader: inout JSONReader) throws(JSONError) -> String? {
        try reader.null() ? nil : try text(&reader)
    }

    mutating func texts(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var texts: [String] = []
        var array = try reader.array()
        while try reader.hasElement(in: &array) { texts.append(try text(&reader)) }
        return texts
    }

    /// An object of texts, sorted by name.
    mutating func map(_ reader: inout JSONReader) throws(JSONError) -> [Label] {
        var map: [Label] = []
        var object = try reader.object()
        while let name = try reader.member(of: &object) {
            let shared = share(name)
            map.append(Label(shared, try text(&reader)))
        }
        return map.count > 1 ? map.sorted() : map
    }

    private mutating func share(_ text: String) -> String {
        guard KubernetesReading.sharedLengths.contains(text.utf8.count) else { return text }
        return shared.insert(text).memberAfterInsert
    }
}
