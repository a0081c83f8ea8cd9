#if os(Linux)
internal import CCurl
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Drives libcurl with `curl_multi_socket_action` on epoll.
@safe
final class EpollDriver: LoopDriver, @unchecked Sendable {
    // Invariant: the descriptors never change, and all else is touched by the loop's thread only.
    private let multi: CurlMulti
    private let epoll: Int32
    private let wakeUp: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>
    /// When libcurl wants to be called though nothing arrived.
    private var timer = UInt64.max

    init(_ multi: CurlMulti) throws(ChatError) {
        self.multi = multi
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        unsafe events = .allocate(capacity: 256)
        unsafe events.initialize(repeating: epoll_event())
        guard epoll >= 0, wakeUp >= 0, watch(wakeUp, for: EPOLLIN.rawValue, isKnown: false) else {
            throw ChatError(.internal, "The network thread could not be started.", detail: "epoll: errno \(errno)")
        }
        unsafe multi.setSocketCallback(driverSocketChanged, context: Unmanaged.passUnretained(self).toOpaque())
        unsafe multi.setTimerCallback(driverTimerChanged, context: Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        // Connections that close with `multi`, perhaps later than this, must not call back.
        multi.removeCallbacks()
        if epoll >= 0 { close(epoll) }
        if wakeUp >= 0 { close(wakeUp) }
        unsafe events.deallocate()
    }

    func turn(milliseconds: Int32) {
        let ready = unsafe epoll_wait(epoll, events.baseAddress, Int32(events.count), timeout(atMost: milliseconds))
        var running: Int32 = 0
        for index in 0..<Int(max(ready, 0)) {
            let event = unsafe events[index]
            guard unsafe event.data.fd != wakeUp else {
                var count: UInt64 = 0
                unsafe read(wakeUp, &count, MemoryLayout<UInt64>.size)
                continue
            }
            unsafe curl_multi_socket_action(multi.pointer, event.data.fd, Self.curlFlags(event.events), &running)
        }
        if timer != .max, timer <= MonotonicTime.now {
            timer = .max
            unsafe curl_multi_socket_action(multi.pointer, CURL_SOCKET_BAD, 0, &running)
        }
    }

    func wake() {
        var one: UInt64 = 1
        unsafe write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    /// libcurl wants to know of other events of a socket.
    fileprivate func socketChanged(_ socket: Int32, _ what: Int32, isKnown: Bool) {
        let flags: UInt32
        switch what {
        case CURL_POLL_IN: flags = EPOLLIN.rawValue
        case CURL_POLL_OUT: flags = EPOLLOUT.rawValue
        case CURL_POLL_INOUT: flags = EPOLLIN.rawValue | EPOLLOUT.rawValue
        default:
            epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            return
        }
        _ = watch(socket, for: flags, isKnown: isKnown)
        if !isKnown { multi.markKnown(socket) }
    }

    fileprivate func timerChanged(milliseconds: Int) {
        timer = milliseconds < 0 ? .max : MonotonicTime.now &+ UInt64(milliseconds) &* 1_000_000
    }

    private func watch(_ descriptor: Int32, for flags: UInt32, isKnown: Bool) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events = flags
        unsafe event.data.fd = descriptor
        if unsafe epoll_ctl(epoll, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event) == 0 { return true }
        // A number may come back with a new socket behind it.
        return unsafe epoll_ctl(epoll, isKnown ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event) == 0
    }

    private func timeout(atMost milliseconds: Int32) -> Int32 {
        guard timer != .max, milliseconds != 0 else { return milliseconds }
        let left = MonotonicTime.millisecondsUntil(timer)
        return milliseconds < 0 ? left : min(left, milliseconds)
    }

    /// Errors and hang-ups become readable and writable: libcurl then finds out by itself.
    private static func curlFlags(_ events: UInt32) -> Int32 {
        let broken = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        var flags: Int32 = 0
        if broken || events & EPOLLIN.rawValue != 0 { flags |= CURL_CSELECT_IN }
        if broken || events & EPOLLOUT.rawValue != 0 { flags |= CURL_CSELECT_OUT }
        return flags
    }
}

private func driverSocketChanged(
    _: UnsafeMutableRawPointer?,
    _ socket: curl_socket_t,
    _ what: Int32,
    _ context: UnsafeMutableRawPointer?,
    _ known: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return 0 }
    let driver = unsafe Unmanaged<EpollDriver>.fromOpaque(context).takeUnretainedValue()
    unsafe driver.socketChanged(socket, what, isKnown: known != nil)
    return 0
}

private func driverTimerChanged(
    _: UnsafeMutableRawPointer?,
    _ milliseconds: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context else { return 0 }
    let driver = unsafe Unmanaged<EpollDriver>.fromOpaque(context).takeUnretainedValue()
    driver.timerChanged(milliseconds: milliseconds)
    return 0
}
#endif
