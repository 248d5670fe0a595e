import Compression
import Configuration
import Daemon
import HTTPTypes
import Hummingbird
import Model
import PromQL
import Scrape

/// Where others write samples that they collected: remote write and OTLP.
struct WriteRoutes: Sendable {
    /// Nil where nothing can be written: in a replay.
    let receiver: SampleReceiver?
    let settings: @Sendable () -> PushSettings
    let listenAddress: String
    let history: HistoryProgress

    /// What the bodies may take together that wait to be read, in bodies of the largest size.
    private static let bodiesInMemory = 4
    private let bodies = QueryMemory()

    /// Why a request is answered with something else than it asks for.
    private struct Failure: Error {
        let status: HTTPResponse.Status
        let message: String

        init(status: HTTPResponse.Status, message: String) {
            self.status = status
            self.message = message
        }

        init(_ failure: WriteFailure) {
            switch failure {
            case .malformed(let text): self.init(status: .badRequest, message: text)
            case .tooLarge(let text): self.init(status: .contentTooLarge, message: text)
            case .busy(let text): self.init(status: .serviceUnavailable, message: text)
            }
        }
    }

    /// `POST /api/v1/write`, of remote write 1.0 and 2.0.
    func remoteWrite(_ request: Request, from peer: String) async -> Response {
        do throws(Failure) {
            let receiver = try opened(
                settings().takesRemoteWrite,
                "remote write receiver needs to be enabled with "
                    + "--web.enable-remote-write-receiver or tocsin.push.enabled: true")
            let version = try version(request)
            let (body, memory) = try await body(request)
            let result = await receiver.receive(from: peer, by: .remoteWrite) {
                limits throws(WriteFailure) in
                try RemoteWriteReader.read(
                    WriteRoutes.decompressed(body, limits), version, limits: limits)
            }
            withExtendedLifetime(memory) {}
            return answer(result, version)
        } catch {
            return WriteRoutes.response(error)
        }
    }

    /// `POST /api/v1/otlp/v1/metrics`.
    func otlp(_ request: Request, from peer: String) async -> Response {
        let type = request.headers[.contentType] ?? ""
        let encoding: OTLPEncoding
        do throws(OTLPError) {
            encoding = try OTLPEncoding(contentType: type)
        } catch {
            return WriteRoutes.response(
                Failure(status: .unsupportedMediaType, message: error.description))
        }
        do throws(Failure) {
            let receiver = try opened(
                settings().takesOTLP,
                "otlp write receiver needs to be enabled with --web.enable-otlp-receiver or "
                    + "tocsin.push.enabled: true")
            let isGzip = try isGzip(request)
            let (body, memory) = try await body(request)
            let result = await receiver.receiveOTLP(from: peer) { limits throws(WriteFailure) in
                let bytes = isGzip ? try WriteRoutes.inflated(body, limits) : body
                do throws(OTLPError) {
                    return try OTLPBody(bytes, contentType: type)
                } catch {
                    throw .malformed(error.description)
                }
            }
            withExtendedLifetime(memory) {}
            switch result {
            case .failure(let failure): throw Failure(failure)
            case .success(let receipt):
                return WriteRoutes.response(
                    .ok,
                    OTLPAnswer.taken(
                        rejectedPoints: receipt.rejectedPoints, message: receipt.message,
                        encoding: encoding), encoding)
            }
        } catch {
            return WriteRoutes.refusal(error, encoding)
        }
    }

    // MARK: What a request says

    private func isGzip(_ request: Request) throws(Failure) -> Bool {
        switch request.headers[.contentEncoding]?.lowercased() {
        case nil, "", "identity": return false
        case "gzip": return true
        case .some(let other):
            throw Failure(
                status: .unsupportedMediaType,
                message: "unsupported compression: \(other). Only \"gzip\" or no compression "
                    + "supported")
        }
    }

    private static func inflated(
        _ body: [UInt8], _ limits: WriteLimits
    ) throws(WriteFailure) -> [UInt8] {
        do {
            return try Gzip.decompress(body, limit: limits.bodySize)
        } catch {
            if case .tooLarge = error { throw limits.bodyTooLarge }
            throw .malformed("the body is no gzip: \(error)")
        }
    }

    private func opened(
        _ isOn: Bool, _ closed: String
    ) throws(Failure) -> SampleReceiver {
        guard isOn, let receiver else { throw Failure(status: .notFound, message: closed) }
        if let refusal = settings().refusal(listeningOn: listenAddress) {
            throw Failure(status: .forbidden, message: refusal)
        }
        // What is written now would keep older samples of its series out.
        if let waiting = HistoryGate.waiting(history) {
            throw Failure(status: .serviceUnavailable, message: waiting)
        }
        return receiver
    }

    private func version(_ request: Request) throws(Failure) -> RemoteWriteVersion {
        let encoding = request.headers[.contentEncoding] ?? ""
        if !encoding.isEmpty, encoding != "snappy" {
            throw Failure(
                status: .unsupportedMediaType,
                message: "\(encoding) encoding (compression) is not accepted by this server; "
                    + "only snappy is acceptable")
        }
        do throws(RemoteWriteVersion.UnknownType) {
            return try RemoteWriteVersion.of(contentType: request.headers[.contentType] ?? "")
        } catch {
            throw Failure(status: .unsupportedMediaType, message: error.text)
        }
    }

    /// The body as it is sent, and the memory that it takes: as much as has come, so that who sends slowly
    /// holds little.
    private func body(
        _ request: Request
    ) async throws(Failure) -> (bytes: [UInt8], memory: MemoryReservation) {
        let limit = settings().maximumBodySize
        let total = WriteRoutes.bodiesInMemory * limit
        let memory = MemoryReservation(bodies, MemoryLimits(total: total, perQuery: total))
        let tooLarge = Failure(WriteLimits(settings()).bodyTooLarge)
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw tooLarge
        }
        var bytes: [UInt8] = []
        do {
            for try await buffer in request.body {
                if buffer.readableBytes > limit - bytes.count { throw tooLarge }
                try memory.take(buffer.readableBytes)
                bytes.append(contentsOf: buffer.readableBytesView)
            }
        } catch let error as Failure {
            throw error
        } catch is QueryError {
            throw Failure(
                status: .serviceUnavailable,
                message: "the bodies of other writes take the memory that there is for them "
                    + "(\(WriteRoutes.bodiesInMemory) times push.max_body_size): try again")
        } catch {
            throw Failure(status: .badRequest, message: "the body ends too early: \(error)")
        }
        return (bytes, memory)
    }

    /// As in Prometheus, a body without a Content-Encoding is Snappy too.
    private static func decompressed(
        _ body: [UInt8], _ limits: WriteLimits
    ) throws(WriteFailure) -> [UInt8] {
        do throws(SnappyError) {
            return try Snappy.decompress(body, limit: limits.bodySize)
        } catch {
            if case .tooLarge = error { throw limits.bodyTooLarge }
            throw .malformed(error.description)
        }
    }

    // MARK: Answers

    private func answer(
        _ result: Result<WriteOutcome, WriteFailure>, _ version: RemoteWriteVersion
    ) -> Response {
        var (outcome, texts) = (WriteOutcome(), [String]())
        var response: Response
        switch result {
        case .failure(let failure): response = WriteRoutes.response(Failure(failure))
        case .success(let success):
            outcome = success
            if outcome.refusals.count > 0 { texts.append(outcome.refusals.description) }
            // As in Prometheus, a sender of 1.0 is not told of exemplars.
            if version == .v2, outcome.exemplarRefusals.count > 0 {
                texts.append(outcome.exemplarRefusals.description)
            }
            let refusal = Failure(status: .badRequest, message: texts.joined(separator: "\n"))
            response =
                texts.isEmpty ? Response(status: .noContent) : WriteRoutes.response(refusal)
        }
        if version == .v2 {
            for (what, count) in [
                ("Samples", outcome.samples), ("Histograms", outcome.histograms),
                ("Exemplars", outcome.exemplars),
            ] {
                guard let name = HTTPField.Name("X-Prometheus-Remote-Write-\(what)-Written") else {
                    continue
                }
                response.headers[name] = String(count)
            }
        }
        return response
    }

    /// The answer to a request of OTLP that was refused whole.
    private static func refusal(_ failure: Failure, _ encoding: OTLPEncoding) -> Response {
        let code: OTLPAnswer.StatusCode =
            switch failure.status {
            case .serviceUnavailable: .unavailable
            case .contentTooLarge: .resourceExhausted
            default: .invalidArgument
            }
        return response(
            failure.status,
            OTLPAnswer.refused(code: code, message: failure.message, encoding: encoding), encoding)
    }

    private static func response(
        _ status: HTTPResponse.Status, _ body: [UInt8], _ encoding: OTLPEncoding
    ) -> Response {
        Response(
            status: status, headers: [.contentType: encoding.mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    private static func response(_ failure: Failure) -> Response {
        var response = APIResponse.text(failure.status, failure.message + "\n")
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}
