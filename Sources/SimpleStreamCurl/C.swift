import SimpleStreamKit
import CCurl
