import CAres

/// Asks the servers of the system's resolv.conf, or others, by c-ares.
///
/// All names of a call are asked for at once, on a thread of their own. A name that does not end in a dot
/// is tried with the search domains, as Prometheus does it: the first that exists is the answer.
public struct CAresResolver: NameResolving {
    /// How long a server has at first, in milliseconds.
    private static let timeout: Int32 = 2000
    /// How often each server is asked.
    private static let tries: Int32 = 2

    private let servers: String?

    /// With these servers (`HOST:PORT`), or nil for the system's.
    public init(servers: [String]? = nil) { self.servers = servers?.joined(separator: ",") }

    public func look(up names: [String], type: DNSRecordType) async -> [DNSAnswer] {
        await withCheckedContinuation { continuation in
            let isStarted = DetachedThread.start {
                continuation.resume(returning: answers(names, type))
            }
            if !isStarted {
                continuation.resume(
                    returning: names.map { _ in .failed("the system gives no thread for it") })
            }
        }
    }

    private func answers(_ names: [String], _ type: DNSRecordType) -> [DNSAnswer] {
        var reason: UnsafePointer<CChar>?
        // A null pointer stands for the system's servers.
        let made = unsafe withOptional(servers) {
            unsafe tocsin_ares_new($0, CAresResolver.timeout, CAresResolver.tries, &reason)
        }
        guard let channel = unsafe made else {
            let text = unsafe reason.map { unsafe String(cString: $0) } ?? "no reason given"
            return names.map { _ in .failed("c-ares cannot be started: \(text)") }
        }
        defer { unsafe tocsin_ares_free(channel) }
        let search = unsafe SearchList(channel)
        let questions = names.map { name in search.names(for: name).map(Question.init) }
        for question in questions.joined() { unsafe question.ask(channel, type) }
        unsafe tocsin_ares_run(channel)
        return zip(names, questions).map { CAresResolver.answer($0, $1) }
    }

    /// The first name that exists is the answer. That none does must be said of all of them.
    private static func answer(_ name: String, _ questions: [Question]) -> DNSAnswer {
        for question in questions where question.status == TOCSIN_ARES_ANSWERED {
            return .records(question.records)
        }
        guard let failed = questions.first(where: { $0.status != TOCSIN_ARES_NO_NAME }) else {
            return .records([])
        }
        return .failed("could not resolve \(name.goQuoted): \(failed.name) \(failed.reason)")
    }

    private func withOptional<R>(
        _ text: String?, _ body: (UnsafePointer<CChar>?) -> R
    ) -> R {
        guard let text else { return body(nil) }
        return unsafe text.withCString { unsafe body($0) }
    }
}

/// Which full names are tried for a name.
struct SearchList {
    private var domains: [String] = []
    private let dots: Int

    init(_ domains: [String], dots: Int) {
        self.domains = domains
        self.dots = dots
    }

    init(_ channel: OpaquePointer) {
        dots = Int(unsafe tocsin_ares_ndots(channel))
        while let domain = unsafe tocsin_ares_domain(channel, Int32(domains.count)) {
            domains.append(unsafe String(cString: domain))
        }
    }

    func names(for name: String) -> [String] {
        if name.hasSuffix(".") { return [name] }
        let own = name + "."
        let searched = domains.map { domain in own + (domain.hasSuffix(".") ? domain : domain + ".")
        }
        let hasDots = name.utf8.count { $0 == UInt8(ascii: ".") } >= dots
        return hasDots ? [own] + searched : searched + [own]
    }
}

/// One name that is asked for. It lives as long as its channel, on one thread.
private final class Question {
    let name: String
    private(set) var status = TOCSIN_ARES_FAILED
    private(set) var records: [DNSRecord] = []
    private(set) var reason = "was not answered"

    init(_ name: String) { self.name = name }

    func ask(_ channel: OpaquePointer, _ type: DNSRecordType) {
        // `answers` keeps the question alive until the channel is gone.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe tocsin_ares_ask(
            channel, name, type.number,
            { context, status, text, number, reason in
                guard let context = unsafe context else { return }
                let question = unsafe Unmanaged<Question>.fromOpaque(context).takeUnretainedValue()
                unsafe question.take(status, text, number, reason)
            }, context)
    }

    private func take(
        _ status: Int32, _ text: UnsafePointer<CChar>?, _ number: Int32,
        _ reason: UnsafePointer<CChar>?
    ) {
        if let text = unsafe text {
            let host = unsafe String(cString: text)
            records.append(
                DNSRecord(
                    host: host.hasSuffix(".") ? String(host.dropLast()) : host, port: Int(number)))
        } else {
            self.status = tocsin_ares_status(UInt32(bitPattern: status))
            if let reason = unsafe reason { self.reason = unsafe String(cString: reason) }
        }
    }
}
