//! Tests of the window: widgets by label, pictures, the real window, the real clients.
