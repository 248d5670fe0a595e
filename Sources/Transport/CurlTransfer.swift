import CCurl
import Compression

/// One easy handle with what it sends and what it has received.
///
/// Used only on one thread: the loop's, or the mail's. libcurl's callbacks get a pointer to it; they run
/// only while the handle is in the multi handle or performs, and whoever drives it keeps it for that long.
@safe final class CurlTransfer {
    let handle: UnsafeMutableRawPointer
    let task: TransferTask
    /// Where a stream's body goes.
    let mailbox: BodyMailbox?
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    private let errorText: UnsafeMutablePointer<CChar>

    var received = Received()
    var headerBytes = 0
    var sent = 0
    /// Whether the body is gzip, as the headers in front of it say: trailers come too late.
    var bodyIsCompressed: Bool?
    private var inflater: GzipInflater?
    /// Whether the empty line behind the headers has come.
    var headersAreWhole = false
    /// Why a callback ended the transfer.
    var failure: TransportError?

    init(_ task: TransferTask, _ mailbox: BodyMailbox? = nil) throws(TransportError) {
        guard let handle = unsafe curl_easy_init() else {
            throw TransportError(.invalidRequest, "out of memory")
        }
        unsafe self.handle = handle
        self.task = task
        self.mailbox = mailbox
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        configureCommon()
        switch task {
        case .http(let request, let userAgent): try configure(request, userAgent)
        case .mail(let mail, let step): try configure(mail, step)
        }
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe lists.forEach { unsafe curl_slist_free_all($0) }
        unsafe errorText.deallocate()
    }

    /// What finds the transfer when libcurl names the handle.
    var identity: UInt { unsafe UInt(bitPattern: handle) }

    /// libcurl's own words about the failure.
    var detail: String { unsafe String(cString: errorText) }

    // MARK: Options

    func set(_ option: CURLoption, _ value: Int) {
        unsafe tocsin_curl_set_long(handle, option, value)
    }

    func set(_ option: CURLoption, _ flag: Bool) { set(option, flag ? 1 : 0) }

    func set(_ option: CURLoption, _ text: String) {
        unsafe tocsin_curl_set_string(handle, option, text)
    }

    func set(_ option: CURLoption, _ texts: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for text in texts { unsafe list = curl_slist_append(list, text) ?? list }
        guard let list = unsafe list else { return }
        unsafe lists.append(list)
        unsafe tocsin_curl_set_list(handle, option, list)
    }

    func set(_ option: CURLoption, blob text: String) {
        var bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeMutableBytes { buffer in
            var blob = unsafe curl_blob(
                data: buffer.baseAddress, len: buffer.count, flags: UInt32(CURL_BLOB_COPY))
            unsafe tocsin_curl_set_pointer(handle, option, &blob)
        }
    }

    func set(_ option: CURLoption, copying body: [UInt8]) {
        unsafe tocsin_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
        var body = body.isEmpty ? [0] : body
        _ = unsafe body.withUnsafeMutableBytes { buffer in
            unsafe tocsin_curl_set_pointer(handle, option, buffer.baseAddress)
        }
    }

    private func configureCommon() {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, true)
        // One name that does not resolve would otherwise hold up every transfer of the loop.
        set(CURLOPT_QUICK_EXIT, true)
        unsafe tocsin_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        unsafe tocsin_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
        unsafe tocsin_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
        unsafe tocsin_curl_set_pointer(handle, CURLOPT_READDATA, context)
        unsafe tocsin_curl_set_data_callback(handle, CURLOPT_WRITEFUNCTION, receiveBody)
        unsafe tocsin_curl_set_data_callback(handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        unsafe tocsin_curl_set_data_callback(handle, CURLOPT_READFUNCTION, provideBody)
    }

    /// Milliseconds as libcurl takes them: at least 1, since 0 would be "no limit".
    func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        if seconds >= 2_000_000 { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    // MARK: Results

    func info(_ what: CURLINFO) -> Int {
        var value = 0
        unsafe tocsin_curl_get_long(handle, what, &value)
        return value
    }

    private func duration(_ what: CURLINFO) -> Duration {
        var value = 0.0
        unsafe tocsin_curl_get_double(handle, what, &value)
        return .seconds(value.isFinite && value > 0 && value < 1e9 ? value : 0)
    }

    func outcome(_ code: CURLcode) -> CurlLoop.Outcome {
        if let failure { return .failure(failure) }
        if code != CURLE_OK { return .failure(CurlFailure.explain(code, self)) }
        if case .http = task, !headersAreWhole {
            return .failure(
                TransportError(
                    .protocolError, "unexpected EOF: the answer broke off in its headers"))
        }
        if case .http(let request, _) = task, bodyIsCompressed ?? isDecompressed(request) {
            do throws(TransportError) {
                if mailbox == nil { try decompress(request) } else { try checkStreamsEnd() }
            } catch { return .failure(error) }
        }
        beginStream()
        received.code = info(CURLINFO_RESPONSE_CODE)
        received.timing.nameLookup = duration(CURLINFO_NAMELOOKUP_TIME)
        received.timing.connect = duration(CURLINFO_CONNECT_TIME)
        received.timing.firstByte = duration(CURLINFO_STARTTRANSFER_TIME)
        received.timing.total = duration(CURLINFO_TOTAL_TIME)
        return .success(received)
    }
}

// libcurl calls these on the loop's thread with the pointer given above. Returning another number
// than `size * count` ends the transfer.

private func transfer(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    unsafe context.map { unsafe Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
}

private let receiveBody: tocsin_curl_data_callback = { data, size, count, context in
    guard let data = unsafe data, let transfer = unsafe transfer(context) else { return 0 }
    let length = size &* count
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: length)
    if let mailbox = transfer.mailbox, mailbox.isFull() { return curlWritePause }
    return unsafe transfer.take(body: bytes) ? length : 0
}

/// `CURL_WRITEFUNC_PAUSE`: the bytes are handed over again when the transfer goes on.
private let curlWritePause = 0x1000_0001

private let receiveHeader: tocsin_curl_data_callback = { data, size, count, context in
    guard let data = unsafe data, let transfer = unsafe transfer(context) else { return 0 }
    let length = size &* count
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: length)
    return unsafe transfer.take(header: String(decoding: bytes, as: UTF8.self), length)
        ? length : 0
}

private let provideBody: tocsin_curl_data_callback = { data, size, count, context in
    guard let data = unsafe data, let transfer = unsafe transfer(context) else { return 0 }
    guard case .mail(let mail, _) = transfer.task else { return 0 }
    let length = min(size &* count, mail.content.count - transfer.sent)
    guard length > 0 else { return 0 }
    unsafe mail.content.withUnsafeBytes { content in
        unsafe UnsafeMutableRawPointer(data).copyMemory(
            from: content.baseAddress.unsafelyUnwrapped + transfer.sent, byteCount: length)
    }
    transfer.sent += length
    return length
}

extension CurlTransfer {
    fileprivate func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard case .http(let request, _) = task else { return true }
        let isCompressed = bodyIsCompressed ?? isDecompressed(request)
        bodyIsCompressed = isCompressed
        if let mailbox {
            beginStream()
            do throws(TransportError) {
                mailbox.append(
                    try unsafe piece(bytes, isCompressed, limit: request.maximumBodyBytes))
            } catch {
                failure = error
                return false
            }
            return true
        }
        let limit = isCompressed ? request.maximumPackedBytes : request.maximumBodyBytes
        guard received.body.count + bytes.count <= limit else {
            failure = .tooLarge(limit: request.maximumBodyBytes)
            return false
        }
        unsafe received.body.append(contentsOf: bytes)
        return true
    }

    private func isDecompressed(_ request: HTTPRequest) -> Bool {
        request.acceptsCompression && isCompressed
    }

    private func decompress(_ request: HTTPRequest) throws(TransportError) {
        if received.body.isEmpty {
            guard hasBody else { return }
            throw TransportError(.protocolError, "EOF: gzip without a byte")
        }
        do throws(GzipError) {
            received.packedBytes = received.body.count
            received.body = try Gzip.decompress(received.body, limit: request.maximumBodyBytes)
        } catch {
            throw TransportError(error)
        }
    }

    /// The bytes of a stream's body, decompressed.
    private func piece(
        _ bytes: UnsafeRawBufferPointer, _ isCompressed: Bool, limit: Int
    ) throws(TransportError) -> [UInt8] {
        guard isCompressed else { return unsafe Array(bytes) }
        let inflater = inflater ?? GzipInflater()
        self.inflater = inflater
        do throws(GzipError) {
            return try unsafe inflater.decompress(bytes, limit: limit)
        } catch {
            throw TransportError(error)
        }
    }

    /// Whether a stream's compressed body ended where a gzip member does.
    private func checkStreamsEnd() throws(TransportError) {
        if let inflater, !inflater.isComplete { throw TransportError(GzipError.unexpectedEnd) }
    }

    /// A stream's headers are whole, and no other response follows.
    private func beginStream() {
        mailbox?.begin(
            BodyMailbox.Head(
                status: info(CURLINFO_RESPONSE_CODE), reason: received.reason,
                headers: received.headers))
    }

    /// Whether the response whose headers have come is the one that counts.
    private var isLastResponse: Bool {
        guard case .http(let request, _) = task else { return false }
        let status = info(CURLINFO_RESPONSE_CODE)
        if status < 200 { return false }
        let leadsOn =
            request.followsRedirects && (300..<400).contains(status)
            && received.headers.contains { $0.name.lowercased() == "location" }
        return !leadsOn
    }

    /// Goes on after a pause.
    func resume() { _ = unsafe curl_easy_pause(handle, Int32(CURLPAUSE_CONT)) }

    /// Whether an answer like this has a body at all.
    private var hasBody: Bool {
        if case .http(let request, _) = task, request.method == "HEAD" { return false }
        let status = info(CURLINFO_RESPONSE_CODE)
        return status >= 200 && status != 204 && status != 304
    }

    private var isCompressed: Bool {
        let coding = received.headers.last { $0.name.lowercased() == "content-encoding" }?.value
        return coding?.lowercased() == "gzip"
    }

    fileprivate func take(header line: String, _ length: Int) -> Bool {
        headerBytes += length
        guard headerBytes <= HTTPRequest.maximumHeaderBytes else {
            failure = TransportError(
                .tooLarge(limit: HTTPRequest.maximumHeaderBytes),
                "the headers are larger than \(HTTPRequest.maximumHeaderBytes) bytes")
            return false
        }
        let text = line.trimmingLineEnd
        if case .mail = task {
            // The answer to QUIT comes last and says nothing of the mail.
            if !text.hasPrefix("221") { received.reason = text.replyText }
            // Each greeting and each STARTTLS begins anew what the server offers.
            if text.hasPrefix("220") { received.mechanisms = nil }
            if text.hasPrefix("250"),
                let mechanisms = MailAuthentication.mechanisms(inReply: text.replyText)
            {
                received.mechanisms = mechanisms
            }
            return true
        }
        // Trailers of a chunked body come behind the empty line, and here too.
        if text.isEmpty {
            headersAreWhole = true
            if isLastResponse { beginStream() }
        }
        if text.hasPrefix("HTTP/") {
            headersAreWhole = false
            received.headers = []
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            received.reason = parts.count > 2 ? String(parts[2]) : ""
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = text[text.utf8.index(after: colon)...]
            received.headers.append(
                HTTPRequest.Header(String(text[..<colon]), String(value).trimmedSpaces))
        }
        return true
    }
}

extension HTTPRequest {
    /// How much of a compressed body is taken in: what no gzip of a body within the limit needs more than.
    fileprivate var maximumPackedBytes: Int {
        let (sum, overflow) = maximumBodyBytes.addingReportingOverflow(
            maximumBodyBytes / 64 + 64 << 10)
        return overflow ? .max : sum
    }
}

extension TransportError {
    fileprivate init(_ error: GzipError) {
        if case .tooLarge(let limit) = error {
            self = .tooLarge(limit: limit)
        } else {
            self.init(.protocolError, error.description)
        }
    }

    static func tooLarge(limit: Int) -> TransportError {
        TransportError(.tooLarge(limit: limit), "the body is larger than \(limit) bytes")
    }
}

extension String {
    fileprivate var trimmingLineEnd: String {
        var view = Substring(self).utf8
        while let last = view.last, last == 0x0a || last == 0x0d { view.removeLast() }
        return String(Substring(view))
    }

    fileprivate var trimmedSpaces: String {
        var view = Substring(self).utf8
        while let first = view.first, first == 0x20 || first == 0x09 { view.removeFirst() }
        while let last = view.last, last == 0x20 || last == 0x09 { view.removeLast() }
        return String(Substring(view))
    }

    /// An SMTP reply's line without its code.
    fileprivate var replyText: String {
        let bytes = Array(utf8)
        guard bytes.count > 4, bytes.prefix(3).allSatisfy({ (0x30...0x39).contains($0) }) else {
            return self
        }
        return String(decoding: bytes[4...], as: UTF8.self)
    }
}
