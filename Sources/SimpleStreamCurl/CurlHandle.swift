internal import CCurl
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Owns one easy handle, made ready for one request.
@safe
final class CurlHandle {
    let pointer: UnsafeMutableRawPointer
    private let headers: UnsafeMutablePointer<curl_slist>?
    private let errorBuffer: UnsafeMutablePointer<CChar>

    /// Makes a handle that calls `exchange`, which must outlive its stay in a multi handle.
    init(_ plan: RequestPlan, context exchange: Exchange) throws(ChatError) {
        guard let pointer = unsafe curl_easy_init() else {
            throw ChatError(.internal, "The request could not be started.", detail: "curl_easy_init")
        }
        unsafe self.pointer = pointer
        unsafe headers = Self.list(plan.headerLines)
        unsafe errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        var setup = unsafe CurlSetup(pointer)
        unsafe setup.set(CURLOPT_ERRORBUFFER, errorBuffer)
        unsafe setup.set(CURLOPT_HTTPHEADER, list: headers)
        setup.apply(plan)
        unsafe setup.setCallbacks(context: Unmanaged.passUnretained(exchange).toOpaque())
        if let failed = setup.failed {
            throw ChatError(.internal, "The request could not be prepared.", detail: failed)
        }
    }

    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe curl_slist_free_all(headers)
        unsafe errorBuffer.deallocate()
    }

    /// libcurl's own words on what went wrong.
    var errorText: String { unsafe String(cString: errorBuffer) }

    /// Makes libcurl close the connection, unless the transfer is complete.
    func forbidReuse() { unsafe ss_easy_setopt_long(pointer, CURLOPT_FORBID_REUSE, 1) }

    /// Lets a paused transfer go on; may call the exchange before it returns.
    func unpause() { unsafe curl_easy_pause(pointer, CURLPAUSE_CONT) }

    private static func list(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            // Only without memory is the result nil; the list so far stays valid.
            if let longer = unsafe curl_slist_append(list, line) { unsafe list = longer }
        }
        return unsafe list
    }
}
