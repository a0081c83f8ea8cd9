internal import CCurl
import SimpleStreamKit

/// Owns libcurl's multi handle: its exchanges, connections, names and TLS sessions.
@safe
final class CurlMulti: @unchecked Sendable {
    // Invariant: used by the loop's thread only, but for `curl_multi_wakeup`, which may be called from any. The last
    // reference is given up when that thread has ended.
    let pointer: UnsafeMutableRawPointer

    /// libcurl counts its users, and its start is safe from any thread.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init() throws(ChatError) {
        guard Self.isReady, let pointer = unsafe curl_multi_init() else {
            throw ChatError(.internal, "The network library could not be started.")
        }
        unsafe self.pointer = pointer
        // By default idle connections are bounded by four times the exchanges of the moment, which is few after a lull.
        unsafe ss_multi_setopt_long(pointer, CURLMOPT_MAXCONNECTS, 512)
        // One exchange a connection, over HTTP/2 too: leaving one can then close its connection, which stops a provider
        // at once. libcurl would only reset the stream, and 7.88 sends that with the connection's next request.
        unsafe ss_multi_setopt_long(pointer, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    }

    deinit { unsafe curl_multi_cleanup(pointer) }

    func setSocketCallback(_ callback: ss_socket_callback, context: UnsafeMutableRawPointer) {
        unsafe ss_multi_set_socket(pointer, callback, context)
    }

    func setTimerCallback(_ callback: ss_timer_callback, context: UnsafeMutableRawPointer) {
        unsafe ss_multi_set_timer(pointer, callback, context)
    }

    func removeCallbacks() {
        unsafe ss_multi_set_socket(pointer, nil, nil)
        unsafe ss_multi_set_timer(pointer, nil, nil)
    }

    /// Makes libcurl say from now on that it has told us of `socket`.
    func markKnown(_ socket: Int32) { unsafe curl_multi_assign(pointer, socket, pointer) }

    /// The exchange of the next finished transfer.
    func nextFinished() -> (Exchange, CURLcode)? {
        var code = CURLE_OK
        guard let easy = unsafe ss_multi_next_finished(pointer, &code), let context = unsafe ss_easy_private(easy)
        else {
            return nil
        }
        return unsafe (Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue(), code)
    }
}
