internal import CCurl
import SimpleStreamKit

extension RequestPlan {
    /// The error for a transfer that libcurl ended with `code`.
    func failure(_ code: CURLcode, detail: String, headIsComplete: Bool) -> ChatError {
        let words = unsafe String(cString: curl_easy_strerror(code))
        let detail = "libcurl \(code.rawValue): \(detail.isEmpty ? words : detail)"
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST:
            return ChatError(.providerUnavailable, "The name \(host) could not be resolved.", detail: detail)
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
            return ChatError(.providerUnavailable, "The proxy for \(host) could not be used.", detail: detail)
        case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR:
            return ChatError(.providerUnavailable, "Could not connect to \(host).", detail: detail)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            // Trying again does not make a certificate better.
            let message = "The certificate of \(host) could not be verified."
            return ChatError(.providerUnavailable, message, isRetryable: false, detail: detail)
        case CURLE_OPERATION_TIMEDOUT:
            return ChatError(.providerStalled, "\(host) did not answer in time.", detail: detail)
        case CURLE_URL_MALFORMAT:
            return ChatError(.invalidRequest, "The provider's URL is not valid.", detail: detail)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return ChatError(.providerProtocol, "\(host) sent something that is not HTTP.", detail: detail)
        case CURLE_RECV_ERROR where detail.contains("chunked-encoding"):
            return ChatError(.providerProtocol, "\(host) sent a malformed body.", detail: detail)
        case CURLE_OUT_OF_MEMORY where !headIsComplete:
            // That is how libcurl reports a header line beyond its own bound.
            return ChatError(.providerProtocol, "\(host) sent a response head that is too long.", detail: detail)
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_BAD_FUNCTION_ARGUMENT:
            return ChatError(.internal, "The request failed.", detail: detail)
        default:
            let message = headIsComplete ? "\(host) broke off its response." : "\(host) closed the connection."
            return ChatError(.providerUnavailable, message, detail: detail)
        }
    }
}
