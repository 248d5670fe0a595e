import Compression
import Configuration
import Daemon
import HTTPTypes
import Hummingbird
import Model
import Scrape

/// Where others write samples that they collected: remote write and OTLP.
struct WriteRoutes: Sendable {
    /// Nil where nothing can be written: in a replay.
    let receiver: SampleReceiver?
    let settings: @Sendable () -> PushSettings
    let listenAddress: String
    let history: HistoryProgress

    private let bodies = PushBodies(of: "writes")

    /// `POST /api/v1/write`, of remote write 1.0 and 2.0.
    func remoteWrite(_ request: Request, from peer: String) async -> Response {
        do throws(PushFailure) {
            let receiver = try opened(
                settings().takesRemoteWrite,
                "remote write receiver needs to be enabled with "
                    + "--web.enable-remote-write-receiver or tocsin.push.enabled: true")
            let version = try version(request)
            let (body, memory) = try await bodies.read(request, WriteLimits(settings()))
            let result = await receiver.receive(from: peer, by: .remoteWrite) {
                limits throws(WriteFailure) in
                try RemoteWriteReader.read(
                    WriteRoutes.decompressed(body, limits), version, limits: limits)
            }
            withExtendedLifetime(memory) {}
            return answer(result, version)
        } catch {
            return error.response
        }
    }

    /// `POST /api/v1/otlp/v1/metrics`.
    func otlp(_ request: Request, from peer: String) async -> Response {
        let type = request.headers[.contentType] ?? ""
        let encoding: OTLPEncoding
        do throws(OTLPError) {
            encoding = try OTLPEncoding(contentType: type)
        } catch {
            return PushFailure(status: .unsupportedMediaType, message: error.description).response
        }
        do throws(PushFailure) {
            let receiver = try opened(
                settings().takesOTLP,
                "otlp write receiver needs to be enabled with --web.enable-otlp-receiver or "
                    + "tocsin.push.enabled: true")
            let isGzip = try PushBodies.isGzip(request) {
                "unsupported compression: \($0). Only \"gzip\" or no compression supported"
            }
            let (body, memory) = try await bodies.read(request, WriteLimits(settings()))
            let result = await receiver.receiveOTLP(from: peer) { limits throws(WriteFailure) in
                let bytes = isGzip ? try PushBodies.inflated(body, limits) : body
                do throws(OTLPError) {
                    return try OTLPBody(bytes, contentType: type)
                } catch {
                    throw .malformed(error.description)
                }
            }
            withExtendedLifetime(memory) {}
            switch result {
            case .failure(let failure): throw PushFailure(failure)
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

    private func opened(
        _ isOn: Bool, _ closed: String
    ) throws(PushFailure) -> SampleReceiver {
        guard isOn, let receiver else { throw PushFailure(status: .notFound, message: closed) }
        if let refusal = settings().refusal(listeningOn: listenAddress) {
            throw PushFailure(status: .forbidden, message: refusal)
        }
        // What is written now would keep older samples of its series out.
        if let waiting = HistoryGate.waiting(history) {
            throw PushFailure(status: .serviceUnavailable, message: waiting)
        }
        return receiver
    }

    private func version(_ request: Request) throws(PushFailure) -> RemoteWriteVersion {
        let encoding = request.headers[.contentEncoding] ?? ""
        if !encoding.isEmpty, encoding != "snappy" {
            throw PushFailure(
                status: .unsupportedMediaType,
                message: "\(encoding) encoding (compression) is not accepted by this server; "
                    + "only snappy is acceptable")
        }
        do throws(RemoteWriteVersion.UnknownType) {
            return try RemoteWriteVersion.of(contentType: request.headers[.contentType] ?? "")
        } catch {
            throw PushFailure(status: .unsupportedMediaType, message: error.text)
        }
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
        case .failure(let failure): response = PushFailure(failure).response
        case .success(let success):
            outcome = success
            if outcome.refusals.count > 0 { texts.append(outcome.refusals.description) }
            // As in Prometheus, a sender of 1.0 is not told of exemplars.
            if version == .v2, outcome.exemplarRefusals.count > 0 {
                texts.append(outcome.exemplarRefusals.description)
            }
            let refusal = PushFailure(status: .badRequest, message: texts.joined(separator: "\n"))
            response =
                texts.isEmpty ? Response(status: .noContent) : refusal.response
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
    private static func refusal(_ failure: PushFailure, _ encoding: OTLPEncoding) -> Response {
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
}
