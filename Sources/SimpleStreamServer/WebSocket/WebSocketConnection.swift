package import NIOCore
import Synchronization

/// An application's handle of one open WebSocket, usable from any thread.
package final class WebSocketConnection: Sendable {
    /// Where the delegate is called.
    package let eventLoop: any EventLoop
    /// The peer of the TCP connection; behind a proxy, the proxy.
    package let remoteAddress: SocketAddress?

    private let signalled = Atomic(false)
    private let handler: NIOLoopBoundBox<WebSocketChannelHandler?>

    /// Made on the event loop.
    init(eventLoop: any EventLoop, remoteAddress: SocketAddress?, handler: WebSocketChannelHandler) {
        self.eventLoop = eventLoop
        self.remoteAddress = remoteAddress
        self.handler = NIOLoopBoundBox(handler, eventLoop: eventLoop)
    }

    /// There is something to send: has ``WebSocketDelegate/fill(_:)`` called soon.
    ///
    /// Cheap, and any number of signals before that call count as one.
    package func signal() {
        guard !signalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        eventLoop.execute {
            self.signalled.store(false, ordering: .sequentiallyConsistent)
            self.handler.value?.drain()
        }
    }

    /// Sends what waits, as far as the peer takes it, then closes with a code.
    ///
    /// The first close wins. The delegate gets no more messages.
    package func close(_ code: WebSocketCloseCode, reason: String = "") {
        if eventLoop.inEventLoop {
            handler.value?.close(code, reason: reason)
        } else {
            eventLoop.execute { self.handler.value?.close(code, reason: reason) }
        }
    }

    /// Stops taking bytes from the peer until ``resumeReading()``.
    ///
    /// Only on the event loop.
    package func pauseReading() {
        eventLoop.preconditionInEventLoop()
        handler.value?.setReadingPaused(true)
    }

    /// Takes bytes from the peer again.
    ///
    /// Only on the event loop.
    package func resumeReading() {
        eventLoop.preconditionInEventLoop()
        handler.value?.setReadingPaused(false)
    }

    /// The handler has left its channel: breaks the cycle between the two.
    func detach() { handler.value = nil }
}
