internal import CCurl

/// Drives libcurl with `curl_multi_poll`.
struct PollDriver: LoopDriver {
    private let multi: CurlMulti

    init(_ multi: CurlMulti) { self.multi = multi }

    func turn(milliseconds: Int32) {
        // libcurl has no "for ever"; it shortens the wait for its own timers.
        unsafe curl_multi_poll(multi.pointer, nil, 0, milliseconds < 0 ? 60_000 : milliseconds, nil)
        var running: Int32 = 0
        unsafe curl_multi_perform(multi.pointer, &running)
    }

    func wake() { unsafe curl_multi_wakeup(multi.pointer) }
}
