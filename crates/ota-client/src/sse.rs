//! Server-sent events, as the standard defines their lines.

/// More than any event has. What grows beyond it is not a stream of events.
const LARGEST: usize = 1024 * 1024;

/// An event with its name and data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Cuts bytes into events, wherever the network cut them before.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    after_return: bool,
    name: String,
    data: Option<String>,
}

/// The stream is no stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLarge;

impl Parser {
    /// The events that `bytes` complete.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLarge> {
        let mut events = Vec::new();
        for byte in bytes {
            match byte {
                // The second half of a line's end.
                b'\n' if self.after_return => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                byte => self.line.push(*byte),
            }
            self.after_return = *byte == b'\r';
        }
        let held = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if held > LARGEST {
            Err(TooLarge)
        } else {
            Ok(events)
        }
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            return self.data.take().map(|data| Event { name, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments (an empty field) keep the connection open; ids and retry times are not used here.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_found_wherever_the_network_cuts() {
        let stream = "event: activity\ndata: {\"a\":\ndata: 1}\n\n:keep-alive\n\nevent: resync\r\ndata: {}\r\n\r\ndata:plain\r\r\n";
        let expected = [
            event("activity", "{\"a\":\n1}"),
            event("resync", "{}"),
            event("", "plain"),
        ];
        for size in 1..stream.len() {
            let mut parser = Parser::default();
            let found: Vec<_> = stream
                .as_bytes()
                .chunks(size)
                .flat_map(|part| parser.feed(part).unwrap())
                .collect();
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_that_never_ends_is_given_up() {
        let mut parser = Parser::default();
        let part = vec![b'x'; LARGEST];
        assert_eq!(parser.feed(&part), Ok(Vec::new()));
        assert_eq!(parser.feed(&part), Err(TooLarge));
    }
}
