internal import CCurl
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Sets the options of an easy handle and remembers the first that libcurl refused.
@safe
struct CurlSetup: ~Copyable {
    private let easy: UnsafeMutableRawPointer
    /// What failed.
    private(set) var failed: String?

    init(_ easy: UnsafeMutableRawPointer) { unsafe self.easy = easy }

    mutating func apply(_ plan: RequestPlan) {
        set(CURLOPT_NOSIGNAL, 1)
        // Leaving while a name is looked up must not wait for the system's resolver.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_URL, plan.url)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_PROTOCOLS_STR, plan.options.allowsPlainHTTP ? "http,https" : "https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        // Our own timer is the one that counts.
        set(CURLOPT_CONNECTTIMEOUT_MS, 86_400_000)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = plan.options.caFile {
            set(CURLOPT_CAINFO, file)
            unsafe set(CURLOPT_CAPATH, nil as UnsafeMutableRawPointer?)
        }
        // An empty text also keeps libcurl from reading the environment.
        set(CURLOPT_PROXY, plan.proxy)
        set(CURLOPT_NOPROXY, "")
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        applyMethod(plan)
    }

    private mutating func applyMethod(_ plan: RequestPlan) {
        if plan.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if plan.hasContent {
            set(CURLOPT_POST, 1)
            let size = curl_off_t(plan.content.count)
            note(CURLOPT_POSTFIELDSIZE_LARGE, unsafe ss_easy_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, size))
            let easy = unsafe easy
            let code = unsafe plan.content.withUnsafeBytes { content in
                // Without bytes any pointer will do, but none would mean that there is no body.
                let bytes = unsafe content.baseAddress.map { unsafe UnsafeMutableRawPointer(mutating: $0) }
                return unsafe ss_easy_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes ?? easy)
            }
            note(CURLOPT_COPYPOSTFIELDS, code)
            if plan.method != "POST" { set(CURLOPT_CUSTOMREQUEST, plan.method) }
        } else {
            set(CURLOPT_HTTPGET, 1)
            if plan.method != "GET" { set(CURLOPT_CUSTOMREQUEST, plan.method) }
        }
    }

    mutating func setCallbacks(context: UnsafeMutableRawPointer) {
        unsafe set(CURLOPT_PRIVATE, context)
        note(CURLOPT_HEADERFUNCTION, unsafe ss_easy_set_header(easy, headArrived, context))
        note(CURLOPT_WRITEFUNCTION, unsafe ss_easy_set_write(easy, bodyArrived, context))
        note(CURLOPT_OPENSOCKETFUNCTION, unsafe ss_easy_set_open_socket(easy, openSocket, context))
        note(CURLOPT_PREREQFUNCTION, unsafe ss_easy_set_connected(easy, connected, context))
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(option, unsafe ss_easy_setopt_long(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String) {
        note(option, unsafe ss_easy_setopt_string(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        note(option, unsafe ss_easy_setopt_pointer(easy, option, value))
    }

    mutating func set(_ option: CURLoption, list: UnsafeMutablePointer<curl_slist>?) {
        note(option, unsafe ss_easy_setopt_list(easy, option, list))
    }

    private mutating func note(_ option: CURLoption, _ code: CURLcode) {
        if code != CURLE_OK, failed == nil { failed = "option \(option.rawValue): error \(code.rawValue)" }
    }
}

private func exchange(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    unsafe context.map { unsafe Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
}

private func headArrived(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    guard let exchange = unsafe exchange(context), unsafe exchange.headLineArrived(line) else { return -1 }
    return line.count
}

private func bodyArrived(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    switch unsafe exchange(context)?.bodyArrived(piece) {
    case .taken: return piece.count
    case .paused: return Int(CURL_WRITEFUNC_PAUSE)
    case .refused, nil: return -1
    }
}

private func openSocket(
    _ context: UnsafeMutableRawPointer?,
    _: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let exchange = unsafe exchange(context), let address = unsafe address else { return -1 }
    let family = unsafe address.pointee.family
    let ip = unsafe withUnsafePointer(to: &address.pointee.addr) {
        unsafe IPAddress(socketAddress: UnsafeRawPointer($0), family: family)
    }
    guard exchange.accepts(ip) else { return -1 }
    #if os(Linux)
    return unsafe socket(family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    #else
    let descriptor = unsafe socket(family, address.pointee.socktype, address.pointee.protocol)
    if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return descriptor
    #endif
}

private func connected(
    _ context: UnsafeMutableRawPointer?,
    _ remote: UnsafeMutablePointer<CChar>?,
    _: UnsafeMutablePointer<CChar>?,
    _: Int32,
    _: Int32
) -> Int32 {
    guard let exchange = unsafe exchange(context) else { return CURL_PREREQFUNC_ABORT }
    let address = unsafe remote.map { unsafe String(cString: $0) } ?? ""
    return exchange.connected(to: address) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
