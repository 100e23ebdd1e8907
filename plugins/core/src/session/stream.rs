//! An answer that never ends, cut into lines.

use bytes::BytesMut;
use http_body_util::BodyExt;
use kube::client::Body;

use super::error;

/// The lines of an answer, as they come.
pub struct Lines {
    body: Body,
    buffer: BytesMut,
    searched: usize,
}

impl Lines {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            buffer: BytesMut::new(),
            searched: 0,
        }
    }

    /// The next whole line without its end; `None` when the server ended the stream cleanly.
    ///
    /// A last line without an end is dropped: it was cut off.
    pub async fn next(&mut self) -> Result<Option<BytesMut>, String> {
        loop {
            if let Some(line) = self.buffered_line() {
                return Ok(Some(line));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => return Err(error::cause(&error)),
                Some(Ok(frame)) => {
                    if let Ok(chunk) = frame.into_data() {
                        self.buffer.extend_from_slice(&chunk);
                    }
                }
            }
        }
    }

    /// The next whole line, if it has come already.
    pub fn buffered_line(&mut self) -> Option<BytesMut> {
        let unseen = &self.buffer[self.searched..];
        let Some(end) = unseen.iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let mut line = self.buffer.split_to(self.searched + end + 1);
        line.truncate(line.len() - 1);
        self.searched = 0;
        Some(line)
    }
}
