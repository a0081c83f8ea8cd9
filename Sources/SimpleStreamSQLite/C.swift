import SimpleStreamKit
import GRDB
