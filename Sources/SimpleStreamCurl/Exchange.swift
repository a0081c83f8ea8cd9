internal import CCurl
import HTTPTypes
import SimpleStreamKit
import Synchronization

/// One request and its response: written by the loop's thread, read by a task anywhere.
final class Exchange: @unchecked Sendable {
    // Invariant: `plan`, `core` and `state` are for all threads; the rest belongs to the loop's thread.

    /// What passes from the loop's thread to the reader.
    @safe
    struct State {
        var head: HTTPResponse?
        var bytes: [UInt8] = []
        var end: End?
        /// Whether libcurl has stopped reading because of `bytes`.
        var isPaused = false
        /// Whether the easy handle is gone for good.
        var isClosed = false
        /// Resumed once, by whoever takes it out.
        var waiter: UnsafeContinuation<Void, Never>?
    }

    enum End {
        case complete
        case failed(ChatError)
        case cancelled
    }

    /// How far the exchange has come, with the time since when.
    enum Phase {
        case connecting(since: UInt64)
        case waiting(since: UInt64)
        /// Times are those of the last piece of the response.
        case receiving(since: UInt64)
        case paused
    }

    /// Unread bytes at which libcurl is told to stop.
    static let highWaterMark = 256 << 10

    let plan: RequestPlan
    let core: LoopCore
    let state = Mutex(State())

    /// The place among the loop's exchanges.
    var index = 0
    var phase: Phase
    var failure: ChatError?
    private var handle: CurlHandle?
    private var head: HeadParser
    private var received = 0

    init(_ plan: RequestPlan, on core: LoopCore) {
        self.plan = plan
        self.core = core
        head = HeadParser(limit: plan.options.maxHeadBytes)
        phase = .connecting(since: MonotonicTime.now)
    }

    // MARK: Life on the loop's thread

    func startOnThread() {
        // It may have been cancelled before it began.
        guard !state.withLock({ $0.isClosed || $0.end != nil }) else { return closeOnThread() }
        phase = .connecting(since: core.now)
        do throws(ChatError) {
            let handle = try CurlHandle(plan, context: self)
            guard core.add(self, handle) else {
                throw ChatError(.internal, "The request could not be started.")
            }
            self.handle = handle
        } catch {
            end(.failed(error))
        }
    }

    /// Gives up the easy handle.
    ///
    /// Nothing of this exchange is called by libcurl after that.
    func closeOnThread() {
        if let handle = handle.take() { core.remove(self, handle) }
        state.withLock { $0.isClosed = true }
    }

    func unpauseOnThread() {
        guard case .paused = phase else { return }
        phase = .receiving(since: core.now)
        core.watch(self)
        if let handle { core.unpause(handle) }
    }

    /// When the exchange is late.
    var deadline: UInt64 {
        switch phase {
        case .connecting(let since): since &+ MonotonicTime.nanoseconds(plan.options.connectTimeout)
        case .waiting(let since): since &+ MonotonicTime.nanoseconds(plan.options.firstByteTimeout)
        case .receiving(let since): since &+ MonotonicTime.nanoseconds(plan.options.idleTimeout)
        case .paused: .max
        }
    }

    func deadlinePassed() {
        let host = plan.host
        let error =
            switch phase {
            case .connecting:
                ChatError(.providerStalled, "Connecting to \(host) took longer than \(plan.options.connectTimeout).")
            case .waiting:
                ChatError(.providerStalled, "\(host) did not answer within \(plan.options.firstByteTimeout).")
            case .receiving, .paused:
                ChatError(.providerStalled, "\(host) sent nothing for \(plan.options.idleTimeout).")
            }
        closeOnThread()
        end(.failed(error))
    }

    /// libcurl is done with the transfer.
    func transferEnded(_ code: CURLcode) {
        let detail = handle?.errorText ?? ""
        closeOnThread()
        if code == CURLE_OK, head.isComplete {
            end(.complete)
        } else {
            end(.failed(failure ?? plan.failure(code, detail: detail, headIsComplete: head.isComplete)))
        }
    }

    /// Sets the end that the reader finds after the bytes that came before it.
    func end(_ end: End) {
        let waiter = unsafe state.withLock { state in
            if state.end == nil { state.end = end }
            return unsafe state.waiter.take()
        }
        unsafe waiter?.resume()
    }

    // MARK: What libcurl calls

    // All of it happens within the loop's turn, whose time is that of before it waited for the socket.

    /// The connection stands and the request goes out next; the address is the one that is connected.
    func connected(to address: String) -> Bool {
        guard accepts(IPAddress(address)) else { return false }
        phase = .waiting(since: MonotonicTime.now)
        core.watch(self)
        return true
    }

    /// Whether a connection to an address may be opened or used; nil stands for one that is not IP.
    func accepts(_ address: IPAddress?) -> Bool {
        guard plan.options.requiresPublicAddress else { return true }
        if let address, AddressPolicy.publicOnly.allows(address, exempt: plan.options.exemptNetworks) { return true }
        failure = plan.addressRefusal
        return false
    }

    func headLineArrived(_ line: UnsafeRawBufferPointer) -> Bool {
        switch unsafe head.lineArrived(line) {
        case .needsMore: return true
        case .head(let response):
            phase = .receiving(since: MonotonicTime.now)
            core.watch(self)
            let waiter = unsafe state.withLock { state in
                state.head = response
                return unsafe state.waiter.take()
            }
            unsafe waiter?.resume()
            return true
        case .refused(let reason):
            failure = ChatError(.providerProtocol, "\(plan.host) sent \(reason).")
            return false
        }
    }

    enum BodyAction { case taken, paused, refused }

    func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> BodyAction {
        guard bytes.count <= plan.options.maxBodyBytes - received else {
            failure = ChatError(
                .providerProtocol,
                "The response of \(plan.host) is longer than \(plan.options.maxBodyBytes) bytes."
            )
            return .refused
        }
        let (isTaken, waiter) = unsafe state.withLock { state in
            guard state.bytes.count < Self.highWaterMark else {
                state.isPaused = true
                return unsafe (false, nil as UnsafeContinuation<Void, Never>?)
            }
            unsafe state.bytes.append(contentsOf: bytes)
            return unsafe (true, state.waiter.take())
        }
        guard isTaken else {
            // A slow reader is not a silent provider.
            phase = .paused
            return .paused
        }
        received += bytes.count
        phase = .receiving(since: MonotonicTime.now)
        unsafe waiter?.resume()
        return .taken
    }
}
