internal import CLibPQ
import SimpleStreamKit

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs `body` on a thread of its own, where it may block.
///
/// False when there is none to be had.
func startThread(named name: StaticString, _ body: @escaping @Sendable () -> Void) -> Bool {
    let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, body: body))
    #if canImport(Darwin)
    var thread: pthread_t?
    let status = unsafe pthread_create(&thread, nil, { unsafe runThread($0) }, context.toOpaque())
    #else
    var thread = pthread_t()
    let status = unsafe pthread_create(&thread, nil, { unsafe runThread($0) }, context.toOpaque())
    #endif
    guard status == 0 else {
        unsafe context.release()
        return false
    }
    #if canImport(Darwin)
    if let thread = unsafe thread { unsafe pthread_detach(thread) }
    #else
    pthread_detach(thread)
    #endif
    return true
}

private final class ThreadBody: Sendable {
    let name: StaticString
    let body: @Sendable () -> Void

    init(name: StaticString, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// The thread's function.
private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let thread = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    // A peer that leaves while TLS bytes are written must give an error and not end the process.
    var signals = sigset_t()
    unsafe sigfillset(&signals)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    unsafe ss_name_postgres_thread(UnsafeRawPointer(thread.name.utf8Start).assumingMemoryBound(to: CChar.self))
    thread.body()
    return nil
}
