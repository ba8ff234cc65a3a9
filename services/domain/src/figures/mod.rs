//! How each figure is computed from events.
