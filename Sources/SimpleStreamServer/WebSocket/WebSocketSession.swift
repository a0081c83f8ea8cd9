package import NIOCore

/// The server's side of one WebSocket (RFC 6455): bytes in, actions out, no I/O and no clock.
///
/// Give it what arrived and ask for actions until there is none; it takes bytes from the buffer as it goes and keeps
/// only the message being gathered. Work and memory are linear in the bytes that arrived, however they were split: a
/// length in a frame head reserves nothing.
package struct WebSocketSession {
    /// What to do next.
    package enum Action: Equatable {
        /// A whole text message, known to be UTF-8.
        case text([UInt8])
        /// A whole binary message.
        case binary([UInt8])
        /// Bytes to send now: the answer to a ping.
        case write([UInt8])
        /// The last action: send the bytes, if any, then close the connection.
        case end(WebSocketEnd, farewell: [UInt8])
    }

    private enum State {
        case open
        /// Our close frame is out; only the peer's is still of interest.
        case closing(WebSocketEnd)
        case ended
    }

    private let limits: WebSocketLimits
    private var state = State.open
    private var head = WebSocketFrameHeaderDecoder()
    private var frame: WebSocketFrameHeader?
    private var frameBytesRead = 0
    private var message: [UInt8] = []
    private var messageKind: WebSocketOpcode?
    private var fragments = 0
    private var utf8 = UTF8Validator()
    private var control: [UInt8] = []
    private var controlFrames: TokenBucket

    package init(limits: WebSocketLimits = WebSocketLimits()) {
        self.limits = limits
        self.controlFrames = TokenBucket(capacity: limits.controlBurst, perSecond: limits.controlPerSecond)
    }

    /// Whether messages can still be sent.
    package var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// Takes bytes until there is something to do.
    ///
    /// - Returns: nil when all bytes are taken. After ``Action/end(_:farewell:)`` always nil, and the rest is dropped.
    package mutating func next(from bytes: inout ByteBuffer, at now: NIODeadline) -> Action? {
        while true {
            if case .ended = state {
                bytes.moveReaderIndex(to: bytes.writerIndex)
                return nil
            }
            if let frame {
                if frameBytesRead < frame.length {
                    guard bytes.readableBytes > 0 else { return nil }
                    if let failure = take(from: &bytes, of: frame) { return failure }
                    guard frameBytesRead == frame.length else { return nil }
                }
                self.frame = nil
                if let action = finished(frame) { return action }
            } else {
                guard let byte = bytes.readInteger(as: UInt8.self) else { return nil }
                switch head.consume(byte) {
                case .needsMore: break
                case .violation(let reason): return fail(.protocolError, reason)
                case .complete(let frame):
                    if let failure = began(frame, at: now) { return failure }
                }
            }
        }
    }

    /// Starts the closing handshake.
    ///
    /// - Returns: the close frame to send; nil when the session is already closing or over.
    package mutating func close(_ code: WebSocketCloseCode, reason: String = "") -> [UInt8]? {
        guard case .open = state else { return nil }
        state = .closing(WebSocketEnd(code: code, reason: reason, byPeer: false))
        message = []
        return WebSocketFrame.close(code, reason: reason)
    }

    // MARK: Frames

    private mutating func began(_ frame: WebSocketFrameHeader, at now: NIODeadline) -> Action? {
        self.frame = frame
        frameBytesRead = 0
        switch frame.opcode {
        case .ping, .pong:
            control.removeAll(keepingCapacity: true)
            guard controlFrames.take(at: now) else { return fail(.policyViolation, "too many control frames") }
            return nil
        case .close:
            control.removeAll(keepingCapacity: true)
            return nil
        case .continuation:
            guard messageKind != nil else { return fail(.protocolError, "continuation of no message") }
        case .text, .binary:
            guard messageKind == nil else { return fail(.protocolError, "message inside a message") }
            messageKind = frame.opcode
            fragments = 0
            utf8 = UTF8Validator()
        }
        guard isOpen else { return nil }
        fragments += 1
        guard frame.length <= limits.messageBytes - message.count else {
            return fail(.messageTooBig, "message over \(limits.messageBytes) bytes")
        }
        guard fragments <= limits.spareFragments + message.count / 16 else {
            return fail(.policyViolation, "too many fragments")
        }
        return nil
    }

    private mutating func take(from bytes: inout ByteBuffer, of frame: WebSocketFrameHeader) -> Action? {
        let count = min(bytes.readableBytes, frame.length - frameBytesRead)
        let offset = frameBytesRead
        frameBytesRead += count
        let part = bytes.readableBytesView.prefix(count)
        bytes.moveReaderIndex(forwardBy: count)
        if frame.opcode.isControl {
            let start = control.count
            control.append(contentsOf: part)
            WebSocketMask.apply(frame.mask, to: &control, from: start, offset: offset)
            return nil
        }
        guard isOpen else { return nil }
        let start = message.count
        message.append(contentsOf: part)
        WebSocketMask.apply(frame.mask, to: &message, from: start, offset: offset)
        if messageKind == .text, !utf8.consume(message, from: start) {
            return fail(.invalidPayload, "text is not UTF-8")
        }
        return nil
    }

    private mutating func finished(_ frame: WebSocketFrameHeader) -> Action? {
        switch frame.opcode {
        case .ping: isOpen ? .write(WebSocketFrame.encoded(.pong, control)) : nil
        case .pong: nil
        case .close: closeArrived()
        case .text, .binary, .continuation: frame.isFinal ? messageArrived() : nil
        }
    }

    private mutating func messageArrived() -> Action? {
        guard let kind = messageKind else { return nil }
        messageKind = nil
        guard isOpen else { return nil }
        guard kind == .binary || utf8.isComplete else { return fail(.invalidPayload, "text ends inside a character") }
        let whole = message
        message = []
        return kind == .text ? .text(whole) : .binary(whole)
    }

    // MARK: The end

    private mutating func closeArrived() -> Action? {
        if case .closing(let end) = state {
            state = .ended
            return .end(end, farewell: [])
        }
        guard control.count != 1 else { return fail(.protocolError, "close code of one byte") }
        guard control.count >= 2 else {
            return end(WebSocketEnd(code: .noStatus, byPeer: true), farewell: WebSocketFrame.close(nil))
        }
        let code = WebSocketCloseCode(rawValue: UInt16(control[0]) << 8 | UInt16(control[1]))
        guard code.mayBeSent else { return fail(.protocolError, "close code \(code.rawValue)") }
        var reason = UTF8Validator()
        guard reason.consume(control, from: 2), reason.isComplete else {
            return fail(.invalidPayload, "close reason is not UTF-8")
        }
        let text = String(decoding: control.dropFirst(2), as: UTF8.self)
        return end(WebSocketEnd(code: code, reason: text, byPeer: true), farewell: WebSocketFrame.close(code))
    }

    /// A broken rule: says so in a close frame, unless one was sent already.
    private mutating func fail(_ code: WebSocketCloseCode, _ reason: String) -> Action {
        let failure = WebSocketEnd(code: code, reason: reason, byPeer: false)
        if case .closing(let first) = state { return end(first, farewell: []) }
        return end(failure, farewell: WebSocketFrame.close(code, reason: reason))
    }

    private mutating func end(_ end: WebSocketEnd, farewell: [UInt8]) -> Action {
        state = .ended
        message = []
        control = []
        return .end(end, farewell: farewell)
    }
}
