//! What it takes to turn a password into a key: scrypt, in the terms of libsodium that key files are written in.

use zeroize::Zeroizing;

use crate::error::ImportError;
use crate::secret::Password;

/// An `opslimit` and a `memlimit` of libsodium's `scryptsalsa208sha256`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) operations: u64,
    pub(crate) memory: u64,
}

/// Block size, in units of 128 bytes. libsodium knows no other.
const R: u64 = 8;
/// `minisign -G` writes keys that take 1 GiB. Nothing known asks for more.
const MAX_N: u64 = 1 << 20;
/// Four times the work of `minisign -G`: a file that asks for more would hang whoever opens it.
const MAX_WORK: u64 = 4 * MAX_N;

impl Cost {
    /// Of the files written here: 2^17 rounds over 128 MiB, four times what tauri's signer takes. Every minisign reads it.
    pub(crate) const OURS: Self = Self {
        operations: 1 << 22,
        memory: 1 << 27,
    };

    /// The memory that the derivation really takes.
    pub(crate) fn memory_bytes(self) -> u64 {
        let (log_n, _) = self.log_n_and_p();
        (1_u64 << log_n).saturating_mul(128 * R)
    }

    /// The key stream that encrypts the secret part of a file.
    pub(crate) fn derive(
        self,
        password: &Password,
        salt: &[u8; 32],
    ) -> Result<Zeroizing<[u8; 104]>, ImportError> {
        let memory_bytes = self.memory_bytes();
        let (log_n, p) = self.log_n_and_p();
        let n = 1_u64 << log_n;
        if n > MAX_N || n.saturating_mul(p) > MAX_WORK {
            return Err(ImportError::TooCostly { memory_bytes });
        }
        // Asking first turns an abort of the whole process into an error that can be shown.
        let mut room: Vec<u8> = Vec::new();
        let reserved =
            usize::try_from(memory_bytes).is_ok_and(|bytes| room.try_reserve_exact(bytes).is_ok());
        drop(room);
        let params = u32::try_from(p)
            .ok()
            .and_then(|p| scrypt::Params::new(log_n, 8, p).ok());
        let (true, Some(params)) = (reserved, params) else {
            return Err(ImportError::NotEnoughMemory { memory_bytes });
        };
        let mut stream = Zeroizing::new([0; 104]);
        match scrypt::scrypt(
            password.reveal().as_bytes(),
            salt,
            &params,
            stream.as_mut_slice(),
        ) {
            Ok(()) => Ok(stream),
            Err(_) => Err(ImportError::TooCostly { memory_bytes }),
        }
    }

    /// libsodium's `pickparams`.
    fn log_n_and_p(self) -> (u8, u64) {
        let operations = self.operations.max(32_768);
        let log_n_below = |limit: u64| {
            (1..63_u8)
                .find(|log_n| 1_u64 << log_n > limit / 2)
                .unwrap_or(63)
        };
        if operations < self.memory / 32 {
            return (log_n_below(operations / (R * 4)), 1);
        }
        let log_n = log_n_below(self.memory / (R * 128));
        let rp = (operations / 4 / (1_u64 << log_n)).min(0x3fff_ffff);
        (log_n, rp / R)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_pick_the_parameters_that_libsodium_picks() {
        for (name, operations, memory, expected) in [
            ("minisign -G", 33_554_432, 1_073_741_824, (20, 1)),
            ("tauri signer", 1_048_576, 33_554_432, (15, 1)),
            ("libsodium interactive", 524_288, 16_777_216, (14, 1)),
            ("ours", Cost::OURS.operations, Cost::OURS.memory, (17, 1)),
        ] {
            assert_eq!(
                Cost { operations, memory }.log_n_and_p(),
                expected,
                "{name}"
            );
        }
        assert_eq!(Cost::OURS.memory_bytes(), 128 << 20);
    }

    #[test]
    fn a_file_that_asks_for_too_much_is_refused_at_once() {
        for cost in [
            Cost {
                operations: u64::MAX,
                memory: 1 << 25,
            },
            Cost {
                operations: 1 << 26,
                memory: 1 << 31,
            },
            Cost {
                operations: u64::MAX,
                memory: u64::MAX,
            },
        ] {
            let result = cost.derive(&Password::new("x"), &[0; 32]);
            assert!(
                matches!(result, Err(ImportError::TooCostly { .. })),
                "{cost:?}"
            );
        }
    }
}
